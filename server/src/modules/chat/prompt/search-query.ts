import type { Turn } from './turns.ts'

const LONGEST_QUERY = 1_000
/** A question with fewer words of its own leans on the one before. */
const FEW_WORDS = 4
const LEANING =
  /^(?:and|but|so|why|how come|what about|und|aber|warum|et|mais|pourquoi|y|pero)\b|\b(?:it|its|that|this|these|those|they|them|he|she|there|the same)\b/i

/** What to look for: the question, with the one before where it does not stand alone (“and why?”). */
export function searchQuery(question: string, turns: readonly Turn[]): string {
  const before = turns.at(-1)?.question
  const words = question.match(/\p{L}{4,}|\p{N}+/gu) ?? []
  const leans = words.length < FEW_WORDS || LEANING.test(question)
  const query = before !== undefined && leans ? `${cut(before, LONGEST_QUERY / 2)}\n${question}` : question
  return cut(query, LONGEST_QUERY)
}

function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\u{d800}-\u{dbff}]$/u, '')
}
