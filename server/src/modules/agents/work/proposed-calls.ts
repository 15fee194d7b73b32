import type { Prisma } from '../../../platform/database/index.ts'
import { newIds } from '../../../platform/ids.ts'
import type { ToolCall } from '../../../platform/llm/llm-provider.ts'
import { asksFirst, type RunWork } from './run-work.ts'
import { keptInput, MOST_CALLS, NO_OBJECT, noSuchTool, TOO_MANY_CALLS } from './tool-texts.ts'

/** Calls beyond those that are made are answered with why not, up to here; what is beyond is passed over. */
const MOST_KEPT = 32

/** A call that is to be stored: one that cannot be made has its result already. */
export interface ProposedCall {
  readonly id: string
  readonly step: number
  readonly position: number
  readonly tool: string
  readonly input: Prisma.InputJsonObject
  readonly state: 'proposed' | 'waiting' | 'failed'
  readonly result: string | null
}

/** The calls of a step as they are kept. Whatever the model wrote, only tools of the agent are proposed. */
export function proposedCalls(
  work: Pick<RunWork, 'settings' | 'tools'>,
  step: number,
  calls: readonly ToolCall[],
  now: Date,
): ProposedCall[] {
  const ids = newIds(Math.min(calls.length, MOST_KEPT), now)
  return ids.map((id, position) => {
    const call = calls[position]
    const tool = work.tools.get(call?.name ?? '')
    const input = keptInput(call?.input)
    const base = { id, step, position, tool: tool?.path ?? nameOf(call), input: asJson(input) }
    if (tool === undefined) return { ...base, state: 'failed', result: noSuchTool(nameOf(call)) }
    if (input === undefined) return { ...base, state: 'failed', result: NO_OBJECT }
    if (position >= MOST_CALLS) return { ...base, state: 'failed', result: TOO_MANY_CALLS }
    return { ...base, state: asksFirst(work, tool) ? 'waiting' : 'proposed', result: null }
  })
}

/** Names are shown and sent again: what no tool could be called is taken out of them. */
function nameOf(call: ToolCall | undefined): string {
  return (call?.name ?? '').replaceAll(/[^\w.-]/g, '').slice(0, 64) || 'unnamed'
}

function asJson(input: Record<string, unknown> | undefined): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(input ?? {}))
}
