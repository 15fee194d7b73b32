import { stemOf } from '../words/terms.ts'
import type { Conversation } from './conversation.ts'
import { nameWords } from './tool-nature.ts'

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi
const FAR = 80
const DEEPEST = 6

interface NamedId {
  readonly id: string
  /** The stems of the words before it. */
  readonly label: readonly string[]
}

/** Finds ids by the name of the field they are for. None is ever made up. */
export interface KnownIds {
  /** Those for a field such as `projectId` or `knowledgeBaseIds`; `id` means what the tool is about. */
  named(field: string, about: readonly string[]): readonly string[]
}

/** The ids that instructions, request, calls and their results name. */
export function knownIds({ instructions, request, calls }: Conversation): KnownIds {
  const said = [...idsIn(request), ...idsIn(instructions)]
  const fields = new Map<string, string[]>()
  for (const { call, result, failure } of calls) {
    collect(call.input, fields, DEEPEST)
    if (failure === undefined) collect(result, fields, DEEPEST)
  }
  return {
    named(field, about) {
      const words = nameWords(field).filter((word) => word !== 'id' && word !== 'ids')
      const wanted = (words.length === 0 ? about : words).map(stemOf)
      const labelled = said.filter(({ label }) => wanted.every((word) => label.includes(word)))
      if (labelled.length > 0) return [...new Set(labelled.map(({ id }) => id))]
      const bare = said.filter(({ label }) => label.length === 0)
      return fields.get(field) ?? (bare.length === 1 ? bare.map(({ id }) => id) : [])
    },
  }
}

function idsIn(text: string): NamedId[] {
  const found: NamedId[] = []
  let end = 0
  for (const match of text.matchAll(UUID)) {
    const between = text.slice(Math.max(end, match.index - FAR), match.index)
    const words = nameWords(between.split(/[\n.;]/).at(-1) ?? '').filter(
      (word) => word !== 'id' && word !== 'ids',
    )
    // "bases A, B and C": those after the first have its label.
    const goesOn = words.every((word) => word === 'and' || word === 'or')
    const label = goesOn
      ? end > 0 && !between.includes('\n')
        ? (found.at(-1)?.label ?? [])
        : []
      : words.map(stemOf)
    found.push({ id: match[0], label })
    end = match.index + match[0].length
  }
  return found
}

function collect(value: unknown, into: Map<string, string[]>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth === 0) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'string') collect(inner, into, depth - 1)
    else if (key.endsWith('Id') && inner.match(UUID)?.[0] === inner) {
      const known = into.get(key) ?? []
      if (!known.includes(inner)) into.set(key, [...known, inner])
    }
  }
}
