import type { LlmTool } from '../llm-provider.ts'
import { sentencesOf } from '../words/sentences.ts'
import { stemOf, wordsOf } from '../words/terms.ts'

/** What a tool is for, as its name says: `tasks_createMany` creates many tasks. */
export interface ToolNature {
  readonly kind: 'search' | 'read' | 'write'
  readonly verb: string
  /** What it is about, as words in lower case: `knowledge`, `bases`. */
  readonly nouns: readonly string[]
  /** Takes several at once. */
  readonly many: boolean
}

const SEARCHING = new Set(['search', 'find', 'query', 'lookup'])
const READING = new Set(['list', 'get', 'read', 'show', 'fetch', 'me', 'mine', 'stats', 'chunks', 'count'])
const READING_WORDS =
  'list show read review triage check look existing already current open which count compare overview'.split(
    ' ',
  )

/** What people say for a verb of a tool. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  create: 'create add make open file write turn plan record raise triage draft note'.split(' '),
  add: 'add create include invite'.split(' '),
  update: 'update change set edit mark rename move assign'.split(' '),
  set: 'set change update mark'.split(' '),
  delete: 'delete remove drop'.split(' '),
  remove: 'remove delete drop'.split(' '),
  send: 'send notify tell mail write'.split(' '),
  generate: 'generate create make write'.split(' '),
}
const REFUSING = /\b(?:not|never|don't|without|no)\b/i

/** Reads the name of a tool. */
export function natureOf(tool: LlmTool): ToolNature {
  const words = nameWords(tool.name)
  const many = words.at(-1) === 'many'
  const telling = many ? words.slice(0, -1) : words
  const verb =
    telling.find((word) => SEARCHING.has(word) || READING.has(word) || word in SAID) ?? telling.at(-1) ?? ''
  const kind = SEARCHING.has(verb) ? 'search' : READING.has(verb) ? 'read' : 'write'
  return { kind, verb, many, nouns: telling.filter((word) => word !== verb) }
}

/** The words of `knowledgeBases_search` or `projectId`. */
export function nameWords(name: string): string[] {
  return wordsOf(name.replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ').replaceAll('_', ' '))
}

/**
 * Whether a text asks for what a tool does: one of its sentences names both what it is about and what is to be done
 * with it, and does not forbid it.
 */
export function asksFor(text: string, { kind, verb, nouns }: ToolNature): boolean {
  const noun = nouns.at(-1)
  if (noun === undefined) return false
  const verbs = new Set((kind === 'read' ? [verb, ...READING_WORDS] : (SAID[verb] ?? [verb])).map(stemOf))
  return sentencesOf(text).some((sentence) => {
    const stems = wordsOf(sentence.text).map(stemOf)
    if (!stems.includes(stemOf(noun))) return false
    const at = stems.findIndex((stem) => verbs.has(stem))
    return (
      at !== -1 &&
      !REFUSING.test(
        wordsOf(sentence.text)
          .slice(Math.max(0, at - 4), at)
          .join(' '),
      )
    )
  })
}
