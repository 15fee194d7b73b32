import { answerQuestion, type Question } from './answer-question.ts'
import type { Conversation, DoneCall } from './conversation.ts'
import { passagesIn } from './passages.ts'
import type { Plan } from './plan-calls.ts'
import { clipped } from './shorten.ts'
import { natureOf } from './tool-nature.ts'

const MOST_NAMED = 20
const LONGEST_NAME = 120

/** What was done, what was not and why; where nothing was to be done, an answer from what was found. */
export function summariseCalls(
  conversation: Conversation,
  question: Question,
  lacking: Plan['lacking'],
): string {
  const { calls } = conversation
  const writes = calls.filter(({ call }) => kindOf(call.name) === 'write')
  const parts = [
    ...byTool(writes.filter(({ failure }) => failure === undefined)).map(doneLine),
    ...calls.flatMap(({ call, failure }) =>
      failure === undefined ? [] : [`${call.name} came to nothing: ${clipped(failure, 300)}`],
    ),
    ...lacking.map(({ tool, missing }) => `I did not call ${tool}, for want of ${missing.join(', ')}.`),
  ]
  if (writes.length === 0) parts.unshift(whatWasFound(conversation, question))
  return parts.filter((part) => part !== '').join('\n\n')
}

function whatWasFound({ calls }: Conversation, question: Question): string {
  const passages = passagesIn(calls)
  if (passages.length > 0) {
    const sources = passages.map(({ title, text }, index) => ({ mark: `(${index + 1})`, title, text }))
    return answerQuestion(question, sources, ({ title, mark }) => (title === '' ? mark : `(${title})`))
  }
  const reads = calls.filter(({ failure }) => failure === undefined)
  if (reads.length === 0) return ''
  return byTool(reads).map(readLine).join('\n\n')
}

function kindOf(name: string) {
  return natureOf({ name, description: '', inputSchema: {} }).kind
}

function byTool(calls: readonly DoneCall[]): [string, DoneCall[]][] {
  return [...Map.groupBy(calls, ({ call }) => call.name)]
}

function doneLine([tool, calls]: [string, readonly DoneCall[]]): string {
  const names = calls.flatMap(({ result }) => namesIn(result))
  if (names.length === 0) return `Done: ${tool}, ${times(calls.length)}.`
  return `Done with ${tool}: ${names.length} in all.\n${bullets(names)}`
}

function readLine([tool, calls]: [string, readonly DoneCall[]]): string {
  const names = calls.flatMap(({ result }) => namesIn(result))
  return names.length === 0 ? `${tool} found nothing.` : `${tool} found ${names.length}:\n${bullets(names)}`
}

/** Titles or names of the objects in a result, the outermost that have one. */
function namesIn(value: unknown, depth = 5): string[] {
  if (typeof value !== 'object' || value === null || depth === 0) return []
  if (Array.isArray(value)) return value.flatMap((item) => namesIn(item, depth - 1))
  if ('title' in value && typeof value.title === 'string') return [value.title]
  if ('name' in value && typeof value.name === 'string') return [value.name]
  return Object.values(value).flatMap((inner) => namesIn(inner, depth - 1))
}

function bullets(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => `- ${clipped(name, LONGEST_NAME)}`)
  if (names.length > MOST_NAMED) shown.push(`- and ${names.length - MOST_NAMED} more`)
  return shown.join('\n')
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
