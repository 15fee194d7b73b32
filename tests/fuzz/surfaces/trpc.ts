import { type RegistryEntry, takesFile } from '../../../server/src/contract/registry.ts'
import { field } from '../../support/http.ts'
import { newAddress } from '../../support/people.ts'
import { trpcEnvelopes } from '../classes/trpc-envelopes.ts'
import type { Reading, Surface, WireAnswer, WireRequest } from '../model.ts'
import { type Doors, doorsOf } from './doors.ts'
import { fieldNames, formOf, parsed, textIn } from './reading.ts'

/** `/trpc`: queries as GET, mutations as POST, one call per request. */
export function trpcSurface(registry: readonly RegistryEntry[]): Surface {
  const doors = doorsOf(registry)
  return {
    name: 'trpc',
    entries: registry,
    encode(entry, input, token) {
      const headers = {
        ...newAddress(),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      }
      const address = `/trpc/${entry.path}`
      if (takesFile(entry)) return { request: { method: 'POST', target: address, ...formOf(input, headers) } }
      const json = JSON.stringify(input)
      if (entry.kind === 'mutation') {
        const body = json === undefined ? {} : { body: json }
        const typed = { ...headers, 'content-type': 'application/json' }
        return { request: { method: 'POST', target: address, headers: typed, ...body } }
      }
      // JSON.stringify escapes lone surrogates, so that every text can stand in a URL.
      const search = json === undefined ? '' : `?input=${encodeURIComponent(json)}`
      return { request: { method: 'GET', target: `${address}${search}`, headers } }
    },
    read: (_entry, answer) => readTrpc(answer),
    jsonDoors: (token) => trpcJsonDoors(doors, token),
    guarded: () => [
      ...target(doors.read).map((path) => ({ method: 'GET', target: path, headers: newAddress() })),
      ...target(doors.write).map((path) => ({ method: 'POST', target: path, headers: json(), body: '{}' })),
      ...target(doors.read).map((path) => ({
        method: 'GET',
        target: `${path}?batch=1`,
        headers: newAddress(),
      })),
    ],
    uploads: (token) =>
      [doors.upload, doors.write, doors.open].flatMap(target).map((path) => ({
        method: 'POST',
        target: path,
        headers: { ...newAddress(), authorization: `Bearer ${token}` },
      })),
    rawTargets: () =>
      target(doors.read).flatMap((read) => target(doors.open).map((write) => ({ read, write }))),
    envelopes: (draw) => trpcEnvelopes(registry, draw),
  }
}

const json = () => ({ ...newAddress(), 'content-type': 'application/json' })
const target = (entry: RegistryEntry | undefined) => (entry === undefined ? [] : [`/trpc/${entry.path}`])

function trpcJsonDoors({ write, open }: Doors, token: string): ((text: Buffer) => WireRequest)[] {
  const headers = () => ({ ...json(), authorization: `Bearer ${token}` })
  return [
    ...target(write).flatMap((path) => [
      (body: Buffer) => ({ method: 'POST', target: path, headers: headers(), body }),
      (body: Buffer) => ({ method: 'POST', target: `${path}?batch=1`, headers: headers(), body }),
    ]),
    ...target(open).map((path) => (body: Buffer) => ({
      method: 'POST',
      target: path,
      headers: json(),
      body,
    })),
  ]
}

/** Streams, a batch answered as lines (`trpc-accept: application/jsonl`), and preflights have no envelope of their own. */
function isStream({ headers, status, text }: WireAnswer): boolean {
  if (status === 204 || /event-stream|jsonl/.test(headers['content-type'] ?? '')) return true
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.length > 1 && lines.every((line) => parsed(line) !== undefined)
}

function readTrpc(answer: WireAnswer): Reading {
  // A refused stream says why as its only event.
  const [, refusal] = /^event: serialized-error\ndata: (.*)$/m.exec(answer.text) ?? []
  const body = refusal === undefined ? parsed(answer.text) : { error: parsed(refusal) }
  if ((refusal === undefined && isStream(answer)) || (answer.text === '' && answer.status !== 0)) {
    return { status: answer.status, ok: answer.status < 400, data: undefined, reason: undefined, fields: [] }
  }
  if (!Array.isArray(body)) return readEnvelope(body, answer, answer.status)
  // Of a batch the worst; one that did something makes the whole one that did.
  const parts = body.map((part: unknown) => readEnvelope(part, answer))
  const status = Math.max(...parts.map((part) => part.status), 0)
  const malformed = parts.map((part) => part.malformed).find((why) => why !== undefined)
  const ok = parts.some((part) => part.ok)
  return {
    status,
    ok,
    data: undefined,
    reason: '',
    fields: [],
    ...(malformed === undefined ? {} : { malformed }),
  }
}

/** @param status that of the whole answer; what an error says of itself where there are several */
function readEnvelope(body: unknown, answer: WireAnswer, status?: number): Reading {
  const error = field(body, 'error')
  const data = field(error, 'data')
  if (error === undefined) {
    const right = field(body, 'result') !== undefined && (status ?? 200) < 400
    return {
      status: status ?? 200,
      ok: right,
      data: field(field(body, 'result'), 'data'),
      reason: undefined,
      fields: [],
      ...(right ? {} : { malformed: 'neither result nor error' }),
    }
  }
  const said = Number(field(data, 'httpStatus'))
  // What Node's parser refuses comes before a request has an id.
  const early = answer.headers['x-request-id'] === undefined
  const complete = textIn(error, 'message') && textIn(data, 'code') && (early || textIn(data, 'requestId'))
  return {
    status: status ?? said,
    ok: false,
    data: undefined,
    reason: String(field(data, 'reason') ?? ''),
    fields: fieldNames(field(data, 'issues'), 'field'),
    ...(complete && (status === undefined || said === status)
      ? {}
      : { malformed: 'an error without message, code, requestId, or of another status' }),
  }
}
