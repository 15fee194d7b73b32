import { randomUUID } from 'node:crypto'
import type { Policy } from '../../server/src/contract/policy.ts'
import type { RegistryEntry } from '../../server/src/contract/registry.ts'
import { streamEvents } from '../support/examples/stream-events.ts'
import { type Answer, type ErrorBody, field, mutate, query } from '../support/http.ts'
import { newAddress } from '../support/people.ts'
import { expectedCell, type PrincipalName, principalNames } from '../support/principals.ts'
import { openStream, type SseStream } from '../support/sse.ts'
import { until } from '../support/until.ts'
import type { World } from '../support/world.ts'

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g
const HIDDEN_STREAM_MS = 20_000

/** Calls `entry` as a principal, or with the token `as`; a stream is watched until it shows an event or its refusal. */
export function call(
  world: World,
  entry: RegistryEntry,
  name: PrincipalName,
  input: unknown,
  as?: string,
): Promise<Answer> {
  const token = as ?? world.principals[name].token
  const { baseUrl } = world.server
  if (entry.kind === 'subscription')
    return watch(
      world,
      entry.path,
      input,
      token,
      expectedCell(entry.policy, name) === '200' ? name : undefined,
    )
  const send = entry.kind === 'query' ? query : mutate
  return send(baseUrl, entry.path, input, { token, headers: newAddress() })
}

/** How an answer reads in the matrix: its status, and the reason where there is one. */
export function cellOf(answer: Answer): string {
  const { reason } = answer.error ?? {}
  return reason === undefined ? String(answer.status) : `${answer.status} ${reason}`
}

/** The principals whom `policy` lets in; where it is about oneself, the weakest stands for everybody. */
export function allowedCallers(policy: Policy): PrincipalName[] {
  const self = policy.access.who === 'self'
  return principalNames.filter(
    (name) => expectedCell(policy, name) === '200' || (self && name === 'stranger'),
  )
}

/** The same input with every id replaced by one that was never given out. */
export function withRandomIds(input: unknown): unknown {
  const random: unknown = JSON.parse(JSON.stringify(input).replaceAll(UUID, () => randomUUID()))
  const files = Object.entries(input ?? {}).filter(([, value]) => value instanceof File)
  return files.length === 0 ? random : Object.assign({}, random, Object.fromEntries(files))
}

async function watch(
  world: World,
  path: string,
  input: unknown,
  token: string | undefined,
  /** Who is to hear of something; undefined when they may not. */
  reader: PrincipalName | undefined,
): Promise<Answer> {
  using stream = await openStream(world.server.baseUrl, path, input, { token, headers: newAddress() })
  const answer = await until(
    'an event or a refusal',
    async () => {
      const seen = verdict(stream)
      // More than one: the first may happen before the stream listens.
      if (seen === undefined && reader !== undefined && stream.messages.length > 0)
        await streamEvents[path]?.(world, reader)
      return seen
    },
    HIDDEN_STREAM_MS,
  )
  return { ...answer, headers: stream.headers }
}

function verdict(stream: SseStream): Omit<Answer, 'headers'> | undefined {
  const refused = stream.messages.find(({ event }) => event === 'serialized-error')
  if (refused !== undefined) return refusedStream(refused.data)
  const [first] = stream.events()
  if (first === undefined) return undefined
  return { status: 200, text: JSON.stringify(first), body: first.data, data: first.data, error: undefined }
}

function refusedStream(shape: unknown): Omit<Answer, 'headers'> {
  const data = field(shape, 'data')
  const error = isErrorBody(data) ? { ...data, message: String(field(shape, 'message')) } : undefined
  return {
    status: error?.httpStatus ?? 0,
    text: JSON.stringify({ error: shape }),
    body: { error: shape },
    data: undefined,
    error,
  }
}

function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === 'object' && value !== null && 'httpStatus' in value
}
