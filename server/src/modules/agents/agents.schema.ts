import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import {
  Dollars,
  DollarsInput,
  Done,
  Id,
  listOf,
  pageInput,
  Timestamp,
  text,
} from '../../contract/schemas.ts'

const Name = text(1, 120)
const Instructions = text(1, 20_000).describe('What the agent is for and how it works, in your words.')
const ModelId = text(1, 200).describe(
  '`<provider>:<name>`, as `models.list` has it; unless given, the one that answers you.',
)
const ToolPath = z
  .string()
  .max(100)
  .regex(/^\w+(\.\w+)*$/, 'Give the path of a procedure, for example tasks.create.')
const Tools = z
  .array(ToolPath)
  .max(64)
  .refine((paths) => new Set(paths).size === paths.length, 'Name every tool once.')
  .meta({
    description: 'Paths of procedures, as `agents.tools` lists them.',
    examples: [['tasks.list', 'tasks.create']],
  })
const Approve = z
  .enum(['destructive', 'writes'])
  .describe(
    'Which calls wait for you: `destructive` those that take something away, give rights or write to people; `writes` every call that changes something.',
  )

/** What one run may take. */
const limits = {
  maxSteps: z.int().min(1).max(50).describe('How often the model is asked.'),
  maxSeconds: z.int().min(1).max(3_600).describe('Working time; waiting for you does not count.'),
}
const NO_LIMIT = 'US dollars, a decimal text; null for no limit of its own.'

/** An agent as its owner sees it. */
export const Agent = named(
  'Agent',
  'Instructions, a model and tools that work for you, with your rights.',
  z.object({
    id: Id,
    name: z.string().meta({ examples: ['Triage'] }),
    instructions: z.string().meta({ examples: ['Sort the tasks of the project by what matters most.'] }),
    model: z
      .string()
      .nullable()
      .meta({ description: 'Null for the one that answers you.', examples: [null] }),
    tools: z.array(z.string()).meta({ examples: [['tasks.list', 'tasks.create']] }),
    approve: Approve.meta({ examples: ['destructive'] }),
    limits: z
      .object({ ...limits, maxCost: Dollars.nullable().describe(NO_LIMIT) })
      .meta({ examples: [{ maxSteps: 12, maxSeconds: 300, maxCost: null }] }),
    version: z.int().describe('Counts updates; send it with an update to notice others.'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type Agent = z.infer<typeof Agent>

/** A procedure that can be a tool. */
export const AgentTool = named(
  'AgentTool',
  'A procedure that an agent of yours can use.',
  z.object({
    path: z.string().meta({ examples: ['tasks.create'] }),
    summary: z.string().meta({ examples: ['Create a task.'] }),
    scope: z
      .string()
      .meta({ description: 'What a run that an API key began needs for it.', examples: ['tasks:write'] }),
    readOnly: z.boolean().meta({ description: 'It changes nothing.', examples: [false] }),
    asks: z
      .boolean()
      .meta({ description: 'A call waits for you, whatever the agent says.', examples: [false] }),
  }),
)
export type AgentTool = z.infer<typeof AgentTool>

export const AgentsCreateInput = z.strictObject({
  name: Name,
  instructions: Instructions,
  model: ModelId.nullable().optional(),
  tools: Tools,
  approve: Approve.default('destructive'),
  limits: z
    .strictObject({
      maxSteps: limits.maxSteps.default(12),
      maxSeconds: limits.maxSeconds.default(300),
      maxCost: DollarsInput.nullable().describe(NO_LIMIT).default(null),
    })
    .prefault({}),
})
export const AgentsCreateOutput = Agent

export const AgentsGetInput = z.strictObject({ id: Id })
export const AgentsGetOutput = Agent

export const AgentsListInput = z.strictObject(pageInput)
export const AgentsListOutput = listOf(Agent)

export const AgentsUpdateInput = z.strictObject({
  id: Id,
  data: z
    .strictObject({
      name: Name.optional().meta({ examples: ['Triage of the launch'] }),
      instructions: Instructions.optional(),
      model: ModelId.nullable().optional(),
      tools: Tools.optional(),
      approve: Approve.optional(),
      limits: z
        .strictObject({
          maxSteps: limits.maxSteps.optional(),
          maxSeconds: limits.maxSeconds.optional(),
          maxCost: DollarsInput.nullable().describe(NO_LIMIT).optional(),
        })
        .optional(),
    })
    .refine((data) => Object.values(data).some((value) => value !== undefined), 'Name something to change.'),
  version: z
    .int()
    .min(1)
    .max(2_147_483_647)
    .optional()
    .describe('The version you saw; refused with VERSION_CONFLICT if it is not the current one.'),
})
export const AgentsUpdateOutput = Agent

export const AgentsDeleteInput = z.strictObject({ id: Id })
export const AgentsDeleteOutput = Done

export const AgentsToolsInput = z.strictObject({})
export const AgentsToolsOutput = z.object({ data: z.array(AgentTool) })
