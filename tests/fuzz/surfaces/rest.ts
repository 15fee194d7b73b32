import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { REST_BASE, type RestRoute } from '../../../server/src/surfaces/rest/route.ts'
import { restRoutes } from '../../../server/src/surfaces/rest/route-table.ts'
import { field } from '../../support/http.ts'
import { newAddress } from '../../support/people.ts'
import { restEnvelopes } from '../classes/rest-envelopes.ts'
import type { Reading, Surface, WireAnswer, WireRequest } from '../model.ts'
import { doorsOf } from './doors.ts'
import { encodeRest } from './encode-rest.ts'
import { fieldNames, parsed, textIn } from './reading.ts'

/** `/api/v1`: each procedure by its method and path, errors as problem documents (RFC 9457). */
export function restSurface(registry: readonly RegistryEntry[]): Surface {
  const routes = new Map(restRoutes(registry).map((route) => [route.entry.path, route]))
  const entries = registry.filter(({ path }) => routes.has(path))
  const doors = doorsOf(entries)
  const json = { 'content-type': 'application/json' }
  const headers = (token?: string) => ({
    ...newAddress(),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  })
  const at = (entry: RegistryEntry | undefined, more: Partial<WireRequest> = {}): WireRequest[] => {
    const route = entry === undefined ? undefined : routes.get(entry.path)
    return route === undefined
      ? []
      : [{ method: route.method, target: someTarget(route), headers: headers(), ...more }]
  }
  return {
    name: 'rest',
    entries,
    encode(entry, input, token) {
      const route = routes.get(entry.path)
      return route === undefined ? undefined : encodeRest(route, input, headers(token))
    },
    read: (entry, answer) => readRest(entry === undefined ? undefined : routes.get(entry.path), answer),
    jsonDoors: (token) =>
      [doors.write, doors.open].flatMap((entry) =>
        at(entry).map((request) => (body: Buffer) => ({
          ...request,
          headers: { ...headers(token), ...json },
          body,
        })),
      ),
    guarded: () => [
      ...at(doors.read),
      ...at(doors.write, { headers: { ...headers(), ...json }, body: '{}' }),
    ],
    uploads: (token) =>
      [doors.upload, doors.write, doors.open].flatMap((entry) => at(entry, { headers: headers(token) })),
    rawTargets: () =>
      at(doors.read).flatMap(({ target: read }) =>
        at(doors.open).map(({ target: write }) => ({ read, write })),
      ),
    envelopes: (draw) => restEnvelopes([...routes.values()], draw),
  }
}

/** A path of an operation, with an id that is nobody's in place of each field. */
function someTarget({ path }: RestRoute): string {
  return REST_BASE + path.replaceAll(/\{\w+\}/g, '12345678-1234-4234-8234-123456789012')
}

function readRest(route: RestRoute | undefined, answer: WireAnswer): Reading {
  const { status, text } = answer
  const body = parsed(text)
  if (status < 400) {
    const empty = status === 204 || status === 304 || text === ''
    const wrong = !empty && body === undefined
    const data = empty ? undefined : body
    return {
      status,
      ok: status !== 0,
      data,
      reason: undefined,
      fields: [],
      ...(wrong ? { malformed: 'no JSON' } : {}),
    }
  }
  const isProblem = answer.headers['content-type']?.startsWith('application/problem+json') === true
  const complete =
    textIn(body, 'type') && textIn(body, 'detail') && textIn(body, 'code') && textIn(body, 'traceId')
  return {
    status,
    ok: false,
    data: undefined,
    reason: String(field(body, 'reason') ?? ''),
    fields: inputNames(route, fieldNames(field(body, 'issues'), 'field'), text),
    // HEAD has no body, and what Node's parser refuses has not been routed yet.
    ...(answer.headers['x-request-id'] === undefined ||
    (isProblem && complete && field(body, 'status') === status) ||
    text === ''
      ? {}
      : { malformed: 'no whole problem document' }),
  }
}

/** What a caller of REST calls by other names, by those of the input. */
function inputNames(route: RestRoute | undefined, fields: readonly string[], text: string): string[] {
  const names = fields.flatMap((name) => (name === 'If-Match' ? ['version'] : [name]))
  if (route?.body !== 'data') return names
  // The whole body is the input's field `data`.
  if (names.length === 0 && text.includes('JSON object')) return ['data']
  return names.flatMap((name) => [name, name === '' ? 'data' : `data.${name}`])
}
