import type { Request } from 'express'
import { fail } from '../../../contract/errors.ts'
import { queryOf } from '../check-call.ts'

/**
 * The input of a subscription: `input=` of the URL, and in it the id to resume after, which an `EventSource` that
 * reconnects sends as a header.
 * @throws BAD_REQUEST when `input` is not JSON
 */
export function subscriptionInput(req: Request): unknown {
  const input = parseJson(textOf(queryOf(req).input) ?? '')
  const lastEventId =
    req.get('last-event-id') ?? textOf(queryOf(req).lastEventId) ?? textOf(queryOf(req)['Last-Event-Id'])
  if (lastEventId === undefined || lastEventId === '') return input
  if (input === undefined || input === null) return { lastEventId }
  return typeof input === 'object' && !Array.isArray(input) ? { ...input, lastEventId } : input
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function parseJson(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw fail('BAD_REQUEST', { message: 'The input is not valid JSON.', cause })
  }
}
