import type { DoneCall } from './conversation.ts'

/** A text that a tool found. */
export interface Passage {
  readonly title: string
  readonly text: string
}

const DEEPEST = 6
const MOST = 50

/** Texts in the results of calls: objects with a `text`, such as hits of a search, however deep. */
export function passagesIn(calls: readonly DoneCall[]): Passage[] {
  const passages: Passage[] = []
  for (const { result, failure } of calls) {
    if (failure !== undefined) continue
    if (typeof result === 'string') salvage(result, passages)
    else collect(result, passages, DEEPEST)
  }
  return passages.slice(0, MOST)
}

function collect(value: unknown, into: Passage[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth === 0) return
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into, depth - 1)
    return
  }
  if ('text' in value && typeof value.text === 'string' && value.text.trim() !== '') {
    into.push({
      title: 'title' in value && typeof value.title === 'string' ? value.title : '',
      text: value.text,
    })
    return
  }
  for (const inner of Object.values(value)) collect(inner, into, depth - 1)
}

/** JSON that was cut off still has whole texts in it. */
function salvage(text: string, into: Passage[]): void {
  for (const [, literal = ''] of text.matchAll(/"text"\s*:\s*("(?:[^"\\]|\\.)*")/g)) {
    const value = unquoted(literal)
    if (value !== '') into.push({ title: '', text: value })
  }
}

function unquoted(literal: string): string {
  try {
    const value: unknown = JSON.parse(literal)
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}
