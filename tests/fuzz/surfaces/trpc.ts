import { type RegistryEntry, takesFile } from '../../../server/src/contract/registry.ts'
import { field } from '../../support/http.ts'
import { newAddress } from '../../support/people.ts'
import type { Reading, Surface, WireAnswer } from '../model.ts'
import { fieldNames, formOf, parsed, textIn } from './reading.ts'

/** `/trpc`: queries as GET, mutations as POST, one call per request. */
export function trpcSurface(registry: readonly RegistryEntry[]): Surface {
  return {
    name: 'trpc',
    entries: registry.filter(({ kind }) => kind !== 'subscription'),
    encode(entry, input, token) {
      const headers = {
        ...newAddress(),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      }
      const target = `/trpc/${entry.path}`
      if (takesFile(entry)) return { request: { method: 'POST', target, ...formOf(input, headers) } }
      const json = JSON.stringify(input)
      if (entry.kind !== 'query') {
        const body = json === undefined ? {} : { body: json }
        const typed = { ...headers, 'content-type': 'application/json' }
        return { request: { method: 'POST', target, headers: typed, ...body } }
      }
      // JSON.stringify escapes lone surrogates, so that every text can stand in a URL.
      const search = json === undefined ? '' : `?input=${encodeURIComponent(json)}`
      return { request: { method: 'GET', target: `${target}${search}`, headers } }
    },
    read: (_entry, answer) => readTrpc(answer),
  }
}

function readTrpc(answer: WireAnswer): Reading {
  const body = parsed(answer.text)
  const error = field(body, 'error')
  const data = field(error, 'data')
  if (error === undefined) {
    const wrong = Array.isArray(body) || field(body, 'result') !== undefined || answer.status >= 400
    return {
      status: answer.status,
      ok: answer.status < 400 && body !== undefined,
      data: field(field(body, 'result'), 'data'),
      reason: undefined,
      fields: [],
      ...(wrong && answer.status < 400 ? {} : { malformed: 'neither result nor error' }),
    }
  }
  // What Node's parser refuses comes before a request has an id.
  const early = answer.headers['x-request-id'] === undefined
  const complete = textIn(error, 'message') && textIn(data, 'code') && (early || textIn(data, 'requestId'))
  return {
    status: answer.status,
    ok: false,
    data: undefined,
    reason: String(field(data, 'reason') ?? ''),
    fields: fieldNames(field(data, 'issues'), 'field'),
    ...(complete && field(data, 'httpStatus') === answer.status
      ? {}
      : { malformed: 'an error without message, code, requestId, or of another status' }),
  }
}
