import type { WireTrial } from '../model.ts'
import type { Generator } from '../target.ts'
import { pickSome } from '../target.ts'
import { authorizations, cookies } from './auth-headers.ts'
import { isJson, jsonTexts } from './json-texts.ts'
import { oddForms } from './odd-forms.ts'
import { oddRequests } from './odd-requests.ts'

/** Malformed and odd JSON as the body of every kind of request (400 if it is no JSON). */
export const jsonTrials: Generator = async ({ surface, target, quota, random }, name) => {
  const doors = surface.jsonDoors?.(target.token) ?? []
  if (doors.length === 0) return []
  return jsonTexts(Math.ceil(quota / doors.length), random).flatMap((text) =>
    doors.map((door): WireTrial => {
      // Without a body there is nothing to be wrong.
      const refuses = text.length > 0 && !isJson(text)
      return {
        kind: 'wire',
        class: name,
        label: 'JSON text',
        request: door(text),
        ...(refuses ? { statuses: [400, 413] } : {}),
      }
    }),
  )
}

/** What a surface's own envelope can be got wrong in. */
export const envelopeTrials: Generator = async (draw, name) =>
  (draw.surface.envelopes?.(draw) ?? []).map((one) => ({ ...one, kind: 'wire', class: name }))

/** Credentials that are none, in every header that carries some (401, never an answer). */
export const authTrials: Generator = async ({ surface, target, quota, random }, name) => {
  const doors = surface.guarded?.() ?? []
  const headers = [...authorizations(target.token).map((value) => ({ authorization: value })), ...cookies()]
  const all = doors.flatMap((door) =>
    headers.map((given): WireTrial => {
      const request = { ...door, headers: { ...door.headers, ...given } }
      return { kind: 'wire', class: name, label: 'credential', request, statuses: [400, 401, 403, 431] }
    }),
  )
  return pickSome(all, quota, random)
}

/** Forms that are none, where a file is taken and where it is not. */
export const multipartTrials: Generator = async ({ surface, target, quota, random }, name) => {
  const doors = surface.uploads?.(target.token) ?? []
  const all = doors.flatMap((door) =>
    oddForms().map(({ label, type, body }): WireTrial => {
      const request = { ...door, headers: { ...door.headers, 'content-type': type }, body }
      return { kind: 'wire', class: name, label, request }
    }),
  )
  return pickSome(all, quota, random)
}

/** Bytes that no honest client sends, on the port itself. */
export const socketTrials: Generator = async ({ surface, quota, random }, name) => {
  const paths = surface.rawTargets?.() ?? []
  const all = paths.flatMap((paths) => oddRequests(paths))
  return pickSome(all, quota, random).map(({ label, bytes }): WireTrial => {
    return { kind: 'wire', class: name, label, request: Buffer.from(bytes, 'latin1'), statuses: RAW_STATUSES }
  })
}

/** Refused, answered as asked, cut (0), or refused by Node's own parser. */
const RAW_STATUSES: readonly number[] = [
  ...[0, 101, 200, 204, 400, 401, 403, 404, 405, 406, 408, 412, 413, 414, 415, 417, 426, 428, 431, 501, 505],
]
