import { z } from 'zod'
import { named } from '../../../contract/json-schema.ts'
import { Dollars, Id, listOf, pageInput, Timestamp, text } from '../../../contract/schemas.ts'

const RunState = z
  .enum(['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'])
  .describe('`waiting`: for you, to approve or refuse a call.')

const CallState = z
  .enum(['proposed', 'waiting', 'approved', 'refused', 'done', 'failed'])
  .describe('`waiting`: for you. `refused`: by you. `failed`: the model was told why.')

const RunError = z
  .object({
    code: z.string().meta({
      description:
        'A reason or code of the error catalogue, or STEP_LIMIT, TIME_LIMIT, COST_LIMIT, CREDENTIAL_ENDED, APPROVAL_EXPIRED, JOB_CANCELLED.',
      examples: ['STEP_LIMIT'],
    }),
    message: z.string().meta({ examples: ['It did not finish within 12 steps.'] }),
  })
  .nullable()

const run = {
  id: Id,
  agentId: Id,
  threadId: Id.nullable(),
  jobId: Id.describe('The job that does it, or did last.'),
  state: RunState.meta({ examples: ['succeeded'] }),
  input: z.string().meta({ examples: ['Triage the launch.'] }),
  result: z
    .string()
    .nullable()
    .meta({ description: 'What the agent answered in the end.', examples: ['Two tasks were added.'] }),
  error: RunError.describe('Why it did not succeed.'),
  steps: z.int().describe('How often the model answered.'),
  usage: z.object({ inputTokens: z.int(), outputTokens: z.int(), cost: Dollars }),
  workedSeconds: z.number().describe('Without waiting for you.'),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
}

const Call = named(
  'AgentCall',
  'A call of a tool, as the model asked for it.',
  z.object({
    id: Id,
    tool: z.string().meta({ description: 'The procedure.', examples: ['tasks.create'] }),
    input: z.unknown().meta({ examples: [{ title: 'Book the venue' }] }),
    state: CallState.meta({ examples: ['done'] }),
    result: z.string().nullable().describe('What the model was told of it; the first 2,000 characters.'),
  }),
)

/** A run as lists show it. */
export const AgentRunSummary = named('AgentRunSummary', 'A run without its steps.', z.object(run))
export type AgentRunSummary = z.infer<typeof AgentRunSummary>

/** A run. */
export const AgentRun = named(
  'AgentRun',
  'One piece of work of an agent.',
  z.object({
    ...run,
    turns: z
      .array(z.object({ step: z.int(), text: z.string(), calls: z.array(Call) }))
      .describe('What the model said and called, step by step.'),
  }),
)
export type AgentRun = z.infer<typeof AgentRun>

export const AgentsRunInput = z.strictObject({
  agentId: Id,
  threadId: Id.optional().describe('The agent reads what was said there last, and puts its answer there.'),
  input: text(1, 20_000).describe('What the agent is to do.'),
})
export const AgentsRunOutput = z.object({ runId: Id, jobId: Id })

export const AgentsRunsGetInput = z.strictObject({ id: Id })
export const AgentsRunsGetOutput = AgentRun

export const AgentsRunsListInput = z.strictObject({
  ...pageInput,
  agentId: Id.optional(),
  state: RunState.optional(),
})
export const AgentsRunsListOutput = listOf(AgentRunSummary)

export const AgentsRunsCancelInput = z.strictObject({ id: Id })
export const AgentsRunsCancelOutput = AgentRunSummary

export const AgentsRunsApproveInput = z.strictObject({
  id: Id,
  callId: Id,
  approve: z.boolean().describe('`false` tells the model that you refused.'),
})
export const AgentsRunsApproveOutput = AgentRunSummary

export const AgentsRunsOnEventInput = z.strictObject({ id: Id })
