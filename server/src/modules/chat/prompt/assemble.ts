import { failBecause } from '../../../contract/errors.ts'
import type { LlmMessage } from '../../../platform/llm/llm-provider.ts'
import type { Hit } from '../../knowledge/index.ts'
import type { UsableModel } from '../../models/index.ts'
import { RULES, RULES_FOR_SOURCES, RULES_WITHOUT_HITS } from './rules.ts'
import { type Source, sourceBlock } from './sources.ts'
import type { Turn } from './turns.ts'

/** What a prompt is made of. Whoever calls says that the hits may be read by who asks. */
export interface PromptParts {
  readonly question: string
  /** Oldest first. */
  readonly turns: readonly Turn[]
  /** Best first; undefined when nothing was looked for. */
  readonly hits: readonly Hit[] | undefined
}

/** A conversation that fits its model. */
export interface Prompt {
  readonly messages: readonly LlmMessage[]
  /** The passages that are in it. */
  readonly sources: readonly Source[]
  /** The most the answer may have. */
  readonly maxOutputTokens: number
}

type Window = Pick<UsableModel, 'contextTokens' | 'maxOutputTokens' | 'countTokens'>

/** What a message takes beside its text, at most. */
const TOKENS_PER_MESSAGE = 8
/** Of what the question leaves, the sources get so much; the conversation gets the rest. */
const SHARE_OF_SOURCES = 0.6

/**
 * Puts a conversation together within the model's window less its longest answer: rules and question always, then the
 * best sources, then the newest turns. What does not fit is left out whole.
 * @throws CONTEXT_TOO_LONG when rules and question alone do not fit
 */
export function assemblePrompt(model: Window, { question, turns, hits }: PromptParts): Prompt {
  const cost = (text: string): number => model.countTokens(text) + TOKENS_PER_MESSAGE
  const rules = [RULES, ...rulesFor(hits)].join('\n\n')
  // A small model that may answer with all it has would have no room for the question.
  const maxOutputTokens = Math.min(model.maxOutputTokens, Math.floor(model.contextTokens / 2))
  let room = model.contextTokens - maxOutputTokens - cost(rules) - cost(question)
  if (room < 0) throw failBecause('CONTEXT_TOO_LONG')

  const sources: Source[] = []
  let forSources = room * SHARE_OF_SOURCES
  for (const hit of hits ?? []) {
    const source = { n: sources.length + 1, hit }
    const tokens = cost(sourceBlock(source))
    if (tokens > forSources) continue
    forSources -= tokens
    room -= tokens
    sources.push(source)
  }

  const history: LlmMessage[] = []
  for (const { question: asked, answer } of turns.toReversed()) {
    room -= cost(asked) + cost(answer)
    if (room < 0) break
    history.unshift({ role: 'user', text: asked }, { role: 'assistant', text: answer })
  }
  const system = [rules, ...sources.map(sourceBlock)].join('\n')
  return {
    messages: [{ role: 'system', text: system }, ...history, { role: 'user', text: question }],
    sources,
    maxOutputTokens,
  }
}

/** @throws CONTEXT_TOO_LONG when a question cannot be asked of a model, whatever else is left out */
export function requireFitting(model: Window, question: string): void {
  assemblePrompt(model, { question, turns: [], hits: [] })
}

function rulesFor(hits: PromptParts['hits']): string[] {
  if (hits === undefined) return []
  return [hits.length === 0 ? RULES_WITHOUT_HITS : RULES_FOR_SOURCES]
}
