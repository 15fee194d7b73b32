import { isoOf } from '../../platform/pagination/moments.ts'
import type { AgentRow } from './agents.repository.ts'
import type { Agent, AgentTool } from './agents.schema.ts'
import type { Tool } from './toolbox.ts'

/** An agent as it leaves. */
export function presentAgent(row: AgentRow): Agent {
  const { id, name, instructions, tools, approve, maxSteps, maxSeconds, version, createdAt, updatedAt } = row
  const maxCost = row.maxCost === null ? null : row.maxCost.toFixed()
  return {
    id,
    name,
    instructions,
    model: row.modelId,
    tools,
    approve,
    limits: { maxSteps, maxSeconds, maxCost },
    version,
    createdAt: isoOf(createdAt),
    updatedAt: isoOf(updatedAt),
  }
}

/** A tool as it leaves. */
export function presentTool({ path, summary, scope, readOnly, needsConfirmation }: Tool): AgentTool {
  return { path, summary, scope, readOnly, asks: needsConfirmation }
}
