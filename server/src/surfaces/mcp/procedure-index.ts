import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { refusalFor } from '../../contract/pipeline/authorise.ts'
import { asksPerson } from '../../contract/policy.ts'
import type { ProcedureKind, RegistryEntry } from '../../contract/registry.ts'
import { describeTool } from '../tools/describe-tool.ts'
import { byToolName, toolNameOf } from '../tools/tool-name.ts'
import type { ObjectSchema } from '../tools/tool-schema.ts'
import { inputSchemaOf } from './procedure-tool.ts'

/** A procedure as a search finds it. */
export interface FoundProcedure {
  readonly name: string
  readonly kind: ProcedureKind
  readonly callWith: string
  readonly description: string
  readonly destructive: boolean
  readonly inputSchema: ObjectSchema
}

/** The procedures that MCP reaches, by name and by words. */
export interface ProcedureIndex {
  /** Those that are tools of their own. */
  readonly listed: readonly RegistryEntry[]
  /** The names of the tools that stand for no single procedure. */
  readonly ownTools: readonly string[]
  /** Best first; only what `actor` may call as far as their role and credential tell. */
  search(query: string, most: number, actor: Actor): FoundProcedure[]
  /** All that `actor` may call, by name. */
  all(actor: Actor): FoundProcedure[]
  /**
   * The procedure called `name`, as `tasks_create` or `tasks.create`.
   * @throws NOT_FOUND; BAD_REQUEST when it is none of `kinds`
   */
  named(name: string, kinds: readonly ProcedureKind[]): RegistryEntry
}

interface Indexed {
  readonly entry: RegistryEntry
  readonly found: FoundProcedure
  readonly name: ReadonlySet<string>
  readonly words: ReadonlySet<string>
}

const OWN_TOOLS = ['search_procedures', 'call_procedure', 'wait_for_events'] as const
/** More words of a query are not looked at. */
const MOST_WORDS = 12

/** Builds the index once, at start-up. @throws Error for names that cannot be those of tools */
export function createProcedureIndex(registry: readonly RegistryEntry[]): ProcedureIndex {
  const reachable = registry.filter(({ policy }) => policy.surfaces?.mcp !== false)
  const byName = byToolName(reachable, OWN_TOOLS)
  const indexed = reachable.map(indexedOf)
  const seenBy = (actor: Actor): Indexed[] =>
    indexed.filter(({ entry }) => refusalFor(entry.policy, actor) === undefined)

  return {
    listed: reachable.filter(isListed),
    ownTools: OWN_TOOLS,
    search(query, most, actor) {
      const asked = wordsOf(query).slice(0, MOST_WORDS)
      return seenBy(actor)
        .map((one) => ({ ...one, score: scoreOf(one, asked) }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score)
        .slice(0, most)
        .map(({ found }) => found)
    },
    all: (actor) => seenBy(actor).map(({ found }) => found),
    named(name, kinds) {
      const entry = byName.get(toolNameOf(name))
      if (entry === undefined) {
        throw fail('NOT_FOUND', { message: 'There is no such procedure. Find one with search_procedures.' })
      }
      if (!kinds.includes(entry.kind)) {
        throw fail('BAD_REQUEST', { message: `This is a ${entry.kind}: call it with ${callWith(entry)}.` })
      }
      return entry
    },
  }
}

function isListed({ policy }: RegistryEntry): boolean {
  return policy.surfaces?.mcp === 'listed'
}

function callWith(entry: RegistryEntry): string {
  if (entry.kind === 'subscription') return 'wait_for_events'
  return isListed(entry) ? toolNameOf(entry.path) : 'call_procedure'
}

function indexedOf(entry: RegistryEntry): Indexed {
  const { path, kind, summary, description = '', policy } = entry
  return {
    entry,
    found: {
      name: toolNameOf(path),
      kind,
      callWith: callWith(entry),
      description: describeTool(entry),
      destructive: asksPerson(policy),
      inputSchema: inputSchemaOf(entry),
    },
    name: new Set(wordsOf(path)),
    words: new Set(wordsOf(`${summary} ${description}`)),
  }
}

/** A word in the name counts more than one in the text, and its beginning less than the whole. */
function scoreOf({ name, words }: Indexed, asked: readonly string[]): number {
  return asked.reduce((sum, word) => sum + 3 * likeness(name, word) + likeness(words, word), 0)
}

function likeness(words: ReadonlySet<string>, word: string): number {
  if (words.has(word)) return 1
  return word.length >= 3 && [...words].some((one) => one.startsWith(word)) ? 0.5 : 0
}

/** Lower case, camel case taken apart, without the plural's s. */
function wordsOf(text: string): string[] {
  return text
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
    .map((word) => (word.length > 3 ? word.replace(/s$/, '') : word))
}
