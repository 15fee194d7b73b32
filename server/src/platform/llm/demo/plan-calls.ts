import type { LlmTool, ToolCall } from '../llm-provider.ts'
import { isTelling, wordsOf } from '../words/terms.ts'
import type { Conversation } from './conversation.ts'
import { fillInput, type Material } from './fill-input.ts'
import { type Finding, findingsFor } from './findings.ts'
import { knownIds } from './known-ids.ts'
import { asksFor, natureOf, type ToolNature } from './tool-nature.ts'

/** The calls to make next, and what could not be called for want of an input. */
export interface Plan {
  readonly calls: readonly ToolCall[]
  readonly lacking: readonly { readonly tool: string; readonly missing: readonly string[] }[]
}

interface Candidate {
  readonly tool: LlmTool
  readonly nature: ToolNature
}

/** Several calls of one tool at once, where it takes one thing at a time. */
const MOST_AT_ONCE = 8

/**
 * What to call next: first searches with what the user asks, then what reads, then what writes, each tool once after the
 * user spoke. Only the system and the user are listened to: nothing a tool or a document says makes a call.
 */
export function planCalls(conversation: Conversation, tools: readonly LlmTool[]): Plan {
  const ask = `${conversation.request}\n\n${conversation.instructions}`
  const called = new Set(conversation.calls.map(({ call }) => call.name))
  const candidates = tools
    .map((tool): Candidate => ({ tool, nature: natureOf(tool) }))
    .filter(({ nature }) =>
      nature.kind === 'search' ? wordsOf(conversation.request).some(isTelling) : asksFor(ask, nature),
    )
  const lacking: Plan['lacking'][number][] = []
  for (const kind of ['search', 'read', 'write'] as const) {
    const open = candidates.filter(({ nature }) => nature.kind === kind)
    const calls: ToolCall[] = []
    for (const candidate of kind === 'write' ? oneOfEach(open) : open) {
      if (called.has(candidate.tool.name)) continue
      const planned = callsOf(candidate, conversation, ask)
      if (planned.missing.length > 0) lacking.push({ tool: candidate.tool.name, missing: planned.missing })
      for (const input of planned.inputs) {
        const id = `call-${conversation.calls.length + calls.length + 1}`
        calls.push({ id, name: candidate.tool.name, input })
      }
    }
    if (calls.length > 0) return { calls, lacking: [] }
  }
  return { calls: [], lacking }
}

/** Of `create` and `createMany` of the same things the one that takes many. */
function oneOfEach(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(
    ({ nature }) =>
      nature.many ||
      !candidates.some(
        ({ nature: other }) =>
          other.many && other.verb === nature.verb && other.nouns.join() === nature.nouns.join(),
      ),
  )
}

function callsOf({ tool, nature }: Candidate, conversation: Conversation, ask: string) {
  const makes =
    nature.kind === 'write' && (nature.verb === 'create' || nature.verb === 'add' || nature.verb === 'send')
  const findings = makes ? findingsFor(conversation, nature.nouns.at(-1) ?? '') : []
  if (makes && findings.length === 0)
    return { inputs: [], missing: ['something to make: nothing found calls for it'] }
  const material = (some: readonly Finding[]): Material => ({
    ids: knownIds(conversation),
    about: nature.nouns,
    ask,
    request: conversation.request,
    findings: some,
  })
  const each = makes && !nature.many ? findings.slice(0, MOST_AT_ONCE).map((one) => [one]) : [findings]
  const filled = each.map((some) => fillInput(tool.inputSchema, material(some)))
  return {
    inputs: filled.flatMap((one) => (one.ok ? [one.value] : [])),
    missing: [...new Set(filled.flatMap((one) => (one.ok ? [] : one.missing)))],
  }
}
