import type { FieldIssue } from '../../../contract/errors.ts'
import { fail } from '../../../contract/errors.ts'
import { issueAbout } from '../../../contract/pipeline/validate.ts'
import { type TextReader, UNREADABLE } from './text-reader.ts'

const MAX_NAME_LENGTH = 60

/**
 * Reads a query string into `input`: each name once, or as often as it has values where it is a list.
 * @param search without its question mark
 * @param issues what is wrong is added to it
 * @throws BAD_REQUEST when it is not encoded as it has to be
 */
export function readQuery(
  search: string,
  readers: ReadonlyMap<string, TextReader>,
  input: Record<string, unknown>,
  issues: FieldIssue[],
): void {
  if (search === '') return
  for (const pair of search.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decoded(at === -1 ? pair : pair.slice(0, at))
    const text = at === -1 ? '' : decoded(pair.slice(at + 1))
    const reader = readers.get(name)
    if (reader === undefined) issues.push(issueAbout(shown(name), 'There is no such field.', undefined))
    else readField(name, text, reader, input, issues)
  }
}

/** Reads one text into `input`, of whose fields `name` is one. */
export function readField(
  name: string,
  text: string,
  reader: TextReader,
  input: Record<string, unknown>,
  issues: FieldIssue[],
): void {
  const value = reader.read(text)
  const before = input[name]
  if (value === UNREADABLE) issues.push(issueAbout(name, reader.wanted, text))
  else if (!reader.repeated && before === undefined) input[name] = value
  else if (!reader.repeated) issues.push(issueAbout(name, 'Send this field once.', undefined))
  else if (Array.isArray(before)) before.push(value)
  else input[name] = [value]
}

/** `application/x-www-form-urlencoded`, where a plus is a space. */
function decoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw fail('BAD_REQUEST', { message: 'The query string is malformed.', cause })
  }
}

function shown(name: string): string {
  return name.slice(0, MAX_NAME_LENGTH).toWellFormed()
}
