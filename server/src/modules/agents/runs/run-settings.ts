import { z } from 'zod'
import type { AgentRow } from '../agents.repository.ts'

/** What an agent was when a run of it began; later changes are for later runs. Kept as the row's JSON. */
export const RunSettings = z.object({
  name: z.string(),
  instructions: z.string(),
  model: z.string().nullable(),
  tools: z.array(z.string()),
  approve: z.enum(['destructive', 'writes']),
  maxSteps: z.int(),
  maxSeconds: z.int(),
  maxCost: z.string().nullable(),
})
export type RunSettings = z.infer<typeof RunSettings>

/** The settings of a run that begins now. */
export function settingsOf(agent: AgentRow): RunSettings {
  const { name, instructions, modelId, tools, approve, maxSteps, maxSeconds, maxCost } = agent
  return {
    name,
    instructions,
    model: modelId,
    tools,
    approve,
    maxSteps,
    maxSeconds,
    maxCost: maxCost === null ? null : maxCost.toFixed(),
  }
}
