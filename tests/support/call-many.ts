import type { RegistryEntry } from '../../server/src/contract/registry.ts'
import { type Answer, type ErrorBody, field, mutate, query, send } from './http.ts'
import { newAddress } from './people.ts'

const BATCH = 10
/** URLs end at 8 KiB; longer inputs of queries travel alone. */
const MAX_BATCHED_URL = 6_000

/** Calls one procedure with many inputs, in batches where that is allowed; an answer for each, in order. */
export async function callMany(
  baseUrl: string,
  entry: RegistryEntry,
  inputs: readonly unknown[],
  token: string | undefined,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let start = 0; start < inputs.length; start += BATCH) {
    answers.push(...(await callSome(baseUrl, entry, inputs.slice(start, start + BATCH), token)))
  }
  return answers
}

async function callSome(
  baseUrl: string,
  entry: RegistryEntry,
  inputs: readonly unknown[],
  token: string | undefined,
): Promise<Answer[]> {
  const keyed = JSON.stringify(Object.fromEntries(inputs.entries()))
  const encoded = entry.kind === 'query' ? encodeURIComponent(keyed) : ''
  if (entry.policy.batch === false || encoded.length > MAX_BATCHED_URL) {
    const one = entry.kind === 'query' ? query : mutate
    return Promise.all(
      inputs.map((input) => one(baseUrl, entry.path, input, { token, headers: newAddress() })),
    )
  }
  const url = `${baseUrl}/trpc/${inputs.map(() => entry.path).join(',')}?batch=1`
  const headers = { ...newAddress(), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const whole =
    entry.kind === 'query'
      ? await send(`${url}&input=${encoded}`, { headers })
      : await send(url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: keyed,
        })
  if (!Array.isArray(whole.body)) return inputs.map(() => whole)
  return whole.body.map((part: unknown) => single(whole, part))
}

function single(whole: Answer, part: unknown): Answer {
  const data = field(field(part, 'error'), 'data')
  const error = isErrorBody(data)
    ? { ...data, message: String(field(field(part, 'error'), 'message')) }
    : undefined
  return {
    status: error?.httpStatus ?? 200,
    headers: whole.headers,
    text: JSON.stringify(part),
    body: part,
    data: field(field(part, 'result'), 'data'),
    error,
  }
}

function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === 'object' && value !== null && 'httpStatus' in value
}
