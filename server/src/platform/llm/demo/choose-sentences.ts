import { sentencesOf } from '../words/sentences.ts'
import { isTelling, stemOf, termsOf, wordsOf } from '../words/terms.ts'
import type { Source } from './sources.ts'

/** A sentence that was chosen, and where it is from. */
export interface ChosenSentence {
  readonly text: string
  readonly source: Source
}

interface Candidate extends ChosenSentence {
  readonly sourceIndex: number
  readonly position: number
  readonly terms: ReadonlySet<string>
  /** Those of the sentence before it and of the title, which it may speak of without naming it. */
  readonly around: ReadonlySet<string>
  score: number
}

/** A question's words and how much each counts; words of an earlier question count less. */
export type WeightedTerms = ReadonlyMap<string, number>

/** Sources come best first; the tenth still counts two thirds. */
const LATER_SOURCE = 0.05
const FIRST_SENTENCE = 1.1
/** "It", "They" and the like speak of what the sentence before named. */
const LEANING = /^(?:it|its|this|that|these|those|they|he|she|such|but|however|therefore|thus|also|and)\b/i
const AROUND = 0.2
const AROUND_LEANING = 0.6
const LEANING_FACTOR = 0.9
const FULL_LENGTH = 12
const TOO_LONG = 60
/** A source answers when it has this share of what the question weighs, or half of its words, or so many of them. */
const ENOUGH_SHARE = 0.45
const ENOUGH_WORDS = 0.5
const ENOUGH_TERMS = 3
/** What is worth showing, against the best. */
const WORTH = 0.45
const SAME = 0.6

/** The words of a question that tell what it is about, as stems. */
export function questionTerms(question: string, earlier = ''): WeightedTerms {
  const terms = new Map<string, number>()
  for (const term of termsOf(earlier)) terms.set(term, 0.5)
  for (const term of termsOf(question)) terms.set(term, 1)
  return terms
}

/**
 * The sentences that answer a question best, at most `limit`, in the order of the best source first and as they stand in
 * it. Each term weighs by how few sentences have it; sentences that say the same as one chosen already are passed over
 * (maximal marginal relevance, Carbonell and Goldstein 1998). Empty where nothing in the sources answers.
 */
export function chooseSentences(
  question: string,
  asked: WeightedTerms,
  sources: readonly Source[],
  limit: number,
) {
  const candidates = sources.flatMap(candidatesOf)
  const weights = weigh(asked, candidates)
  const answering = new Set(sources.filter((source) => answers(source, weights)).map((source) => source.mark))
  const form = formOf(question)
  for (const candidate of candidates) candidate.score = scoreOf(candidate, weights, form)
  const ranked = candidates
    .filter((candidate) => candidate.score > 0 && answering.has(candidate.source.mark))
    .sort((a, b) => b.score - a.score)
  const chosen = withoutRepetition(ranked, limit)
  const bestOf = new Map<number, number>()
  for (const [rank, { sourceIndex }] of chosen.entries())
    if (!bestOf.has(sourceIndex)) bestOf.set(sourceIndex, rank)
  const order = (candidate: Candidate) => bestOf.get(candidate.sourceIndex) ?? 0
  return chosen
    .sort((a, b) => order(a) - order(b) || a.position - b.position)
    .map(({ text, source }): ChosenSentence => ({ text, source }))
}

function candidatesOf(source: Source, sourceIndex: number): Candidate[] {
  const { heading, body } = withoutHeading(source.text)
  const title = termsOf(`${source.title} ${heading}`)
  const sentences = sentencesOf(body).map(({ text }) => ({ text, terms: termsOf(text) }))
  return sentences.map(({ text, terms }, position) => ({
    text,
    source,
    sourceIndex,
    position,
    terms: new Set(terms),
    around: new Set([...title, ...(sentences[position - 1]?.terms ?? [])]),
    score: 0,
  }))
}

/** A first line without a stop, with a new sentence after it, is what the text stands under. */
const HEADING_LINE = /^([^\n]{1,200}[^\n.!?:;,])\n+(?=\s*[\p{Lu}\p{N}"“([#*-])/u

function withoutHeading(text: string): { readonly heading: string; readonly body: string } {
  const heading = HEADING_LINE.exec(text)?.[0] ?? ''
  return { heading, body: text.slice(heading.length) }
}

function weigh(asked: WeightedTerms, candidates: readonly Candidate[]): Map<string, number> {
  const weights = new Map<string, number>()
  for (const [term, weight] of asked) {
    const having = candidates.filter((candidate) => candidate.terms.has(term)).length
    weights.set(term, weight * Math.log(1 + (candidates.length - having + 0.5) / (having + 0.5)))
  }
  return weights
}

function answers(source: Source, weights: ReadonlyMap<string, number>): boolean {
  const terms = new Set(termsOf(`${source.title} ${source.text}`))
  let all = 0
  let found = 0
  let count = 0
  for (const [term, weight] of weights) {
    all += weight
    if (!terms.has(term)) continue
    found += weight
    count += 1
  }
  return (
    count > 0 &&
    (count >= ENOUGH_TERMS || count / weights.size >= ENOUGH_WORDS || found / all >= ENOUGH_SHARE)
  )
}

const TIME =
  /\b(?:1[5-9]|20)\d\d\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b/i

type Form = 'time' | 'number' | 'definition' | 'any'

function formOf(question: string): Form {
  if (/\b(?:how (?:many|much|long|often|old|far)|when|what (?:year|date|number))\b/i.test(question))
    return 'number'
  if (/^\W*(?:what|who) (?:is|are|was|were)\b|\b(?:define|definitions?|meaning)\b/i.test(question))
    return 'definition'
  return 'any'
}

function scoreOf(candidate: Candidate, weights: ReadonlyMap<string, number>, form: Form): number {
  const { terms, around, text, sourceIndex, position } = candidate
  const leaning = LEANING.test(text)
  let score = 0
  let matched = 0
  let near = 0
  for (const [term, weight] of weights) {
    if (terms.has(term)) {
      score += weight
      matched += 1
    } else if (around.has(term)) near += weight
  }
  if (score === 0 || text.endsWith('?')) return 0
  // Several words of the question in one sentence say more than their sum.
  score *= 1 + 0.15 * (matched - 1)
  score += near * (leaning ? AROUND_LEANING : AROUND)
  if (form === 'time' && TIME.test(text)) score *= 1.3
  if (form === 'number' && /\d/.test(text)) score *= 1.3
  if (form === 'definition' && definesOne(text, weights)) score *= 1.4
  if (position === 0) score *= FIRST_SENTENCE
  if (leaning) score *= LEANING_FACTOR
  const words = text.split(' ').length
  const length =
    words < FULL_LENGTH ? 0.6 + (0.4 * words) / FULL_LENGTH : words > TOO_LONG ? TOO_LONG / words : 1
  return (score * length) / (1 + LATER_SOURCE * sourceIndex)
}

/** "Information science is …": a word of the question right before a word that defines. */
function definesOne(text: string, weights: ReadonlyMap<string, number>): boolean {
  const words = wordsOf(text).slice(0, 12)
  return words.some((word, index) => {
    const before = words[index - 1]
    return DEFINING.has(word) && before !== undefined && isTelling(before) && weights.has(stemOf(before))
  })
}

const DEFINING = new Set([
  'is',
  'are',
  'was',
  'were',
  'means',
  'denotes',
  'describes',
  'comprises',
  'includes',
])

function withoutRepetition(ranked: readonly Candidate[], limit: number): Candidate[] {
  const chosen: Candidate[] = []
  const least = (ranked[0]?.score ?? 0) * WORTH
  for (const candidate of ranked) {
    if (chosen.length === limit || candidate.score < least) break
    if (chosen.every((other) => overlap(candidate.terms, other.terms) < SAME)) chosen.push(candidate)
  }
  return chosen
}

/** The share of the smaller set that is in the other. */
function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const smaller = Math.min(one.size, other.size)
  let shared = 0
  for (const term of one) if (other.has(term)) shared += 1
  return smaller === 0 ? 0 : shared / smaller
}
