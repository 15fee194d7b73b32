import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { toolNameOf } from '../../../server/src/surfaces/tools/tool-name.ts'
import { field } from '../../support/http.ts'
import { ENVELOPE } from '../../support/mcp.ts'
import { newAddress } from '../../support/people.ts'
import { mcpFrames } from '../classes/mcp-frames.ts'
import type { Reading, Surface, WireAnswer, WireRequest } from '../model.ts'
import { fieldNames, parsed, textIn } from './reading.ts'

/** `/mcp`: each procedure as a tool of its own, or by its name through `call_procedure`. */
export function mcpSurface(registry: readonly RegistryEntry[]): Surface {
  const entries = registry.filter(
    ({ kind, policy }) => kind !== 'subscription' && policy.surfaces?.mcp !== false,
  )
  return {
    name: 'mcp',
    entries,
    encode(entry, input, token) {
      const name = toolNameOf(entry.path)
      const args = input === undefined ? {} : withoutFiles(input)
      const params = isListed(entry)
        ? { name, arguments: args }
        : { name: 'call_procedure', arguments: { name, arguments: args } }
      return { request: messageRequest('tools/call', params, token) }
    },
    read: readMcp,
    jsonDoors: (token) => [(body) => ({ ...messageRequest('tools/list', {}, token), body })],
    guarded: () => [
      messageRequest('tools/list', {}, undefined),
      messageRequest('tools/call', { name: 'call_procedure', arguments: { name: 'users_me' } }, undefined),
    ],
    uploads: (token) => [messageRequest('tools/list', {}, token)],
    rawTargets: () => [{ read: '/mcp', write: '/mcp' }],
    envelopes: (draw) =>
      mcpFrames(
        entries.map(({ path }) => toolNameOf(path)),
        draw,
      ),
  }
}

/** One request of the newest revision, as clients send it. */
function messageRequest(
  method: string,
  params: Record<string, unknown>,
  token: string | undefined,
): WireRequest {
  const { name } = params
  return {
    method: 'POST',
    target: '/mcp',
    headers: {
      ...newAddress(),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: ENVELOPE } }),
  }
}

function isListed({ policy }: RegistryEntry): boolean {
  return policy.surfaces?.mcp === 'listed'
}

function withoutFiles(value: unknown): unknown {
  if (value instanceof File) return { name: 'notes.txt', text: 'some text' }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutFiles(inner)]))
}

function readMcp(entry: RegistryEntry | undefined, answer: WireAnswer): Reading {
  const body = parsed(answer.text)
  const plain = { data: undefined, reason: '', fields: [] }
  const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true
  // A notification and HEAD are answered with nothing, a stream with what comes later.
  if (answer.text === '' || isStream) return { ...plain, status: answer.status, ok: answer.status < 400 }
  const error = field(body, 'error')
  if (error !== undefined) return readRefusal(error, answer)
  const result = field(body, 'result')
  if (result === undefined)
    return { ...plain, status: answer.status, ok: false, malformed: 'neither result nor error' }
  if (field(result, 'isError') !== true) {
    const content = field(result, 'structuredContent')
    const data = entry === undefined || isListed(entry) ? content : field(content, 'result')
    return { ...plain, reason: undefined, status: 200, ok: true, data }
  }
  const told = field(field(result, '_meta'), 'plinth/error')
  const complete =
    textIn(told, 'message') && textIn(told, 'code') && textIn(told, 'nextStep') && textIn(told, 'traceId')
  return {
    status: Number(field(told, 'httpStatus') ?? 500),
    ok: false,
    data: undefined,
    reason: String(field(told, 'reason') ?? ''),
    fields: fieldNames(field(told, 'issues'), 'field'),
    ...(complete ? {} : { malformed: 'an error result without message, code, nextStep or traceId' }),
  }
}

/** An error of the protocol; those in a 200 are about the call's parameters. */
function readRefusal(error: unknown, answer: WireAnswer): Reading {
  const data = field(error, 'data')
  const internal = field(error, 'code') === -32_603
  const early = answer.headers['x-request-id'] === undefined
  const complete = textIn(error, 'message') && typeof field(error, 'code') === 'number'
  return {
    status: answer.status >= 400 ? answer.status : internal ? 500 : 400,
    ok: false,
    data: undefined,
    // What the protocol refuses is about no procedure.
    reason: String(field(data, 'reason') ?? 'PROTOCOL'),
    fields: fieldNames(field(data, 'issues'), 'field'),
    ...(complete || early ? {} : { malformed: 'a JSON-RPC error without code or message' }),
  }
}
