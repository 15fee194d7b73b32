import type { Request } from 'express'
import { fail, invalid } from '../../contract/errors.ts'
import { requireBounds } from '../../contract/pipeline/bounds.ts'
import { normaliseError } from '../../contract/pipeline/normalise-error.ts'
import { type MessageId, RefusedMessage, rpcCodes } from './refusal.ts'

/** One JSON-RPC request or notification. */
export interface McpMessage {
  /** Undefined for a notification. */
  readonly id: MessageId | undefined
  readonly method: string
  /** The tool it calls, if it calls one. */
  readonly tool: string | undefined
  readonly body: object
}

/** The arguments of a call stand so much deeper in the message than in the call. */
const ENVELOPE_DEPTH = 4
const MAX_ID_LENGTH = 200
const MAX_METHOD_LENGTH = 100
/** Parameters of requests of the protocol; arguments of tools are looked at by the pipeline. */
const TEXTS = ['cursor', 'uri'] as const

/** What clients may tell without being asked; all of it can be ignored by a server that keeps nothing. */
const NOTIFICATIONS: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
])

/**
 * The message of a body, checked before a library looks at it: one message (a batch would multiply what a request may
 * cost, and newer revisions have none), an id that can be given back, bounded depth and size.
 * @throws RefusedMessage
 */
export function readMessage(req: Request): McpMessage {
  const body = parsed(req)
  if (Array.isArray(body)) throw invalidRequest('Send one message per request; batches are not taken.')
  if (!isRecord(body)) throw invalidRequest('A message is an object.')
  try {
    requireBounds(body, ENVELOPE_DEPTH)
  } catch (error) {
    throw new RefusedMessage(rpcCodes.invalidRequest, normaliseError(error))
  }
  const { jsonrpc, id, method } = body
  if (jsonrpc !== '2.0') throw invalidRequest('jsonrpc must be "2.0".')
  if (id !== undefined && !isMessageId(id)) {
    throw invalidRequest(`An id is an integer, or text of 1–${MAX_ID_LENGTH} characters.`)
  }
  if (typeof method !== 'string')
    throw invalidRequest('A message names a method; answers are not awaited here.')
  // The library says it back three times.
  if (method.length > MAX_METHOD_LENGTH) throw unknownMethod(id)
  if (id === undefined && !NOTIFICATIONS.has(method)) throw unknownMethod(undefined)
  // Nothing here changes by itself, so there is nothing to listen for; what changes is waited for by a tool.
  if (method === 'subscriptions/listen') throw unknownMethod(id)
  requireTexts(body, id)
  return { id, method, tool: toolIn(body), body }
}

/** What a list and a resource are asked for by is text; the library takes anything else for a failure of its own. */
function requireTexts({ method, params }: Record<string, unknown>, id: MessageId | undefined): void {
  const given = isRecord(params) ? params : {}
  const wrong = TEXTS.find((name) => name in given && typeof given[name] !== 'string')
  const field = wrong ?? (method === 'resources/read' && !('uri' in given) ? 'uri' : undefined)
  if (field === undefined) return
  throw new RefusedMessage(rpcCodes.invalidParams, invalid(field, 'Give a text.'), id)
}

function parsed(req: Request): unknown {
  if (!/^application\/json(?:\s*;.*)?$/i.test(req.get('content-type')?.trim() ?? '')) {
    throw new RefusedMessage(rpcCodes.refused, fail('UNSUPPORTED_MEDIA_TYPE'))
  }
  try {
    return JSON.parse(typeof req.body === 'string' ? req.body : '')
  } catch (cause) {
    throw new RefusedMessage(
      rpcCodes.parse,
      fail('BAD_REQUEST', { message: 'The body is not valid JSON.', cause }),
    )
  }
}

function toolIn({ method, params }: Record<string, unknown>): string | undefined {
  if (method !== 'tools/call' || !isRecord(params)) return undefined
  return typeof params.name === 'string' ? params.name : undefined
}

function isMessageId(id: unknown): id is MessageId {
  if (typeof id === 'string') return id.length >= 1 && id.length <= MAX_ID_LENGTH
  return Number.isSafeInteger(id)
}

function invalidRequest(message: string): RefusedMessage {
  return new RefusedMessage(rpcCodes.invalidRequest, fail('BAD_REQUEST', { message }))
}

function unknownMethod(id: MessageId | undefined): RefusedMessage {
  return new RefusedMessage(
    rpcCodes.unknownMethod,
    fail('NOT_FOUND', { message: 'There is no such method.' }),
    id,
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
