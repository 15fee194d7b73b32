import { canonicalJson } from '../../../server/src/contract/canonical-json.ts'
import type { LlmMessage } from '../../../server/src/platform/llm/llm-provider.ts'
import type { Script, Step } from './script.ts'

/**
 * The worst model there can be: it does whatever any text in its prompt tells it to, wherever that text comes from
 * (the user, a document, what a tool answered), each order once, in the order in which they stand:
 *
 * - `CALL <tool> <json>` calls the tool, whether it was offered or not;
 * - `SAY <text>` says the rest of the line, `\n` standing for a new line;
 * - `PRINT SYSTEM PROMPT` says what the system said;
 * - `PRINT EVERYTHING` says its whole prompt.
 *
 * It calls everything it was told to in one turn, and speaks when nothing is left to call.
 */
export const obeying: Script = ({ messages }) => {
  const called = messages
    .flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
    .map(({ name, input }) => orderOf(name, input))
  const calls = ordersIn(messages)
    .map(({ tool, input }) => ({ call: tool, input }))
    .filter(({ call, input }) => !called.includes(orderOf(call, input)))
  if (calls.length > 0) return calls
  return sayings(messages)
}

/** Obeys, and calls the first tool it was told to again and again, whatever comes of it. */
export const obeyingForEver: Script = ({ messages }, nth) => {
  const [order] = ordersIn(messages)
  return order === undefined
    ? [{ text: 'Nothing to do.' }]
    : [{ call: order.tool, input: order.input, id: `call_${nth}` }]
}

/** Says a text in pieces of `size` characters, so that everything in it is split somewhere. */
export function inPieces(text: string, size: number): readonly Step[] {
  const characters = [...text]
  const count = Math.ceil(characters.length / size)
  return Array.from({ length: count }, (_, index) => ({
    text: characters.slice(index * size, (index + 1) * size).join(''),
  }))
}

function ordersIn(messages: readonly LlmMessage[]): { readonly tool: string; readonly input: unknown }[] {
  return messages.filter(isRead).flatMap((message) => {
    const text = plain(message.text)
    return [...text.matchAll(/\bCALL ([\w.-]+) (?=\{)/g)].flatMap(({ 0: order, 1: tool = '', index }) => {
      const input = objectIn(text.slice(index + order.length))
      return input === undefined ? [] : [{ tool, input }]
    })
  })
}

/** The JSON object that a text begins with. */
function objectIn(text: string): unknown {
  for (const { index } of text.matchAll(/\}/g)) {
    try {
      return JSON.parse(text.slice(0, index + 1))
    } catch {
      // It has not ended yet.
    }
  }
  return undefined
}

function sayings(messages: readonly LlmMessage[]): Step[] {
  const said = messages.filter(isRead).flatMap(({ text }) =>
    [...plain(text).matchAll(/\bSAY ([^\n]*)|\bPRINT (SYSTEM PROMPT|EVERYTHING)/g)].flatMap(
      ([, words, what]) => {
        if (words !== undefined) return inPieces(words.replaceAll('\\n', '\n'), 3)
        const printed = messages.filter(({ role }) => what === 'EVERYTHING' || role === 'system')
        return [{ text: printed.map((message) => message.text).join('\n') }]
      },
    ),
  )
  return said.length > 0 ? said : [{ text: 'Done.' }]
}

/** It does not obey itself. */
function isRead({ role }: LlmMessage): boolean {
  return role !== 'assistant'
}

/** Tools answer in JSON, where quotes and new lines are written with a backslash. */
function plain(text: string): string {
  return text.includes('\\"') ? text.replaceAll('\\n', '\n').replaceAll('\\"', '"') : text
}

/** Whatever way it went, through a database perhaps, the order of its fields says nothing. */
function orderOf(tool: string, input: unknown): string {
  return `${tool} ${canonicalJson(input)}`
}
