import { z } from 'zod'
import { named } from '../../../contract/json-schema.ts'
import { Dollars, Id } from '../../../contract/schemas.ts'

const step = z.int().meta({ description: 'Counts from 1.', examples: [1] })
const callId = Id
const tool = z.string().meta({ description: 'The procedure.', examples: ['tasks.create'] })
const input = z.unknown().meta({ examples: [{ title: 'Book the venue' }] })

/** What happens in a run. */
export const AgentRunEvent = named(
  'AgentRunEvent',
  'What happens in a run.',
  z.discriminatedUnion('type', [
    z
      .object({ type: z.literal('step'), step })
      .describe('The model is asked. The same step again: begun anew, forget its text so far.'),
    z.object({ type: z.literal('text'), step, text: z.string() }).describe('A piece of what the model says.'),
    z.object({ type: z.literal('tool_call'), step, callId, tool, input }),
    z
      .object({
        type: z.literal('approval_needed'),
        step,
        callId,
        tool,
        input,
        why: z.string().describe('What the model said with it.'),
      })
      .describe('The run waits for `agents.runs.approve`.'),
    z.object({ type: z.literal('approval_decided'), callId, approved: z.boolean() }),
    z.object({
      type: z.literal('tool_result'),
      step,
      callId,
      tool,
      state: z.enum(['done', 'failed', 'refused']),
      result: z.string().describe('As the model is told.'),
    }),
    z
      .object({
        type: z.literal('usage'),
        step,
        inputTokens: z.int(),
        outputTokens: z.int(),
        cost: Dollars,
      })
      .describe('What the run has taken so far.'),
    z
      .object({
        type: z.literal('finished'),
        state: z.enum(['succeeded', 'cancelled']),
        result: z.string().nullable(),
      })
      .describe('The last event of a run that succeeded or was cancelled.'),
    z
      .object({ type: z.literal('error'), code: z.string(), message: z.string() })
      .describe('The last event of a run that failed.'),
  ]),
)
export type AgentRunEvent = z.infer<typeof AgentRunEvent>

export const AgentsRunsOnEventOutput = AgentRunEvent
