import { sentencesOf } from '../words/sentences.ts'
import { termsOf } from '../words/terms.ts'
import type { Conversation } from './conversation.ts'
import { type Passage, passagesIn } from './passages.ts'

/** Something to be done or recorded, as found in what was read or as asked for. */
export interface Finding {
  readonly text: string
  /** The title of the document it is from, or empty. */
  readonly from: string
  /** 0–1, by its words. */
  readonly urgency: number
}

const PRESSING =
  /\b(?:must|critical|urgent|immediately|vulnerab\w*|required?|fail(?:s|ed|ure)?|broken|never|danger\w*|loss)\b/i
const CALLING =
  /\b(?:should|needs?(?: to)?|ought|recommend\w*|propos\w+|suggest\w*|improve\w*|fix\w*|todo|to do|verify|ensure|problems?|issues?|lack(?:s|ing)?|missing|insufficient|difficult\w*|limit(?:ed|ation)s?|inadequate|unclear|errors?|overdue|blocked|gaps?)\b/i
const USUAL = 5
const MOST = 50
const SAME = 0.6
const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/**
 * What a request names itself (a list, a quoted name, "a task to …"), else what the texts found call for: sentences that
 * state a problem or recommend something, and items of lists, nearest to the request first. Nothing that is there
 * already, nothing twice; as many as the request says, or five.
 */
export function findingsFor(conversation: Conversation, noun: string): Finding[] {
  const named = namedIn(conversation.request, noun)
  if (named.length > 0) return named.slice(0, MOST)
  const passages = [...passagesIn(conversation.calls), ...conversation.sources]
  const wanted = new Set(termsOf(conversation.request))
  const found = passages.flatMap((passage, rank) => findingsIn(passage, rank, wanted))
  found.sort((a, b) => b.score - a.score)
  return distinct(found, titlesIn(conversation)).slice(0, numberIn(conversation))
}

function namedIn(request: string, noun: string): Finding[] {
  const listed = sentencesOf(request).filter((sentence) => sentence.listItem)
  if (listed.length > 0) return listed.map(({ text }) => finding(text))
  const quoted = Array.from(request.matchAll(/["“]([^"”\n]{2,300})["”]/g), ([, text = '']) => finding(text))
  if (quoted.length > 0) return quoted
  const single = noun.replace(/s$/, '')
  const one = new RegExp(
    `\\ban?\\s+(?:\\w+\\s+)?${escaped(single)}\\s*(?:\\bto\\b|called|named|titled|:)\\s*([^\\n]+)`,
    'i',
  )
  const text = one.exec(request)?.[1]?.trim().replace(/\.$/, '')
  return text === undefined || text === '' ? [] : [finding(text)]
}

function findingsIn({ title, text }: Passage, rank: number, wanted: ReadonlySet<string>) {
  return sentencesOf(text).flatMap((sentence) => {
    const { urgency } = finding(sentence.text)
    if (urgency === 0 && !sentence.listItem) return []
    const shared = new Set(termsOf(sentence.text).filter((term) => wanted.has(term))).size
    const score = shared + urgency + (sentence.listItem ? 0.5 : 0) - rank * 0.1
    return [{ text: sentence.text, from: title, urgency, score }]
  })
}

function finding(text: string): Finding {
  return { text, from: '', urgency: (PRESSING.test(text) ? 0.5 : 0) + (CALLING.test(text) ? 0.5 : 0) }
}

function distinct(found: readonly Finding[], there: readonly string[]): Finding[] {
  const seen = there.map((title) => new Set(termsOf(title)))
  return found.filter(({ text }) => {
    const terms = new Set(termsOf(text))
    if (terms.size < 2 || seen.some((other) => alike(terms, other))) return false
    seen.push(terms)
    return true
  })
}

function alike(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const smaller = Math.min(one.size, other.size)
  let shared = 0
  for (const term of one) if (other.has(term)) shared += 1
  return smaller > 0 && shared / smaller >= SAME
}

/** Titles of things that exist: objects in results that have a title and no text. */
function titlesIn({ calls }: Conversation): string[] {
  const titles: string[] = []
  const collect = (value: unknown, depth: number) => {
    if (typeof value !== 'object' || value === null || depth === 0) return
    if ('title' in value && typeof value.title === 'string' && !('text' in value)) titles.push(value.title)
    for (const inner of Object.values(value)) collect(inner, depth - 1)
  }
  for (const { result, failure } of calls) if (failure === undefined) collect(result, 6)
  return titles
}

/** "at most three", "5 tasks". */
function numberIn({ request, instructions }: Conversation): number {
  for (const text of [request, instructions]) {
    const found =
      /\b(?:at most|up to|no more than|exactly|the|top|first|create|add|make)\s+(\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\b/i.exec(
        text,
      )?.[1]
    if (found === undefined) continue
    const number = /^\d/.test(found) ? Number(found) : NUMBERS.indexOf(found.toLowerCase())
    if (number > 0) return Math.min(number, MOST)
  }
  return USUAL
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
