import { createClient, isPlinthError, type PlinthError } from '@plinth/client'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { field } from '../http.ts'
import { refusalOf } from './outcome.ts'
import { refusedStream } from './refused-stream.ts'
import type { CallAs, Outcome, Surface, SurfaceEvent } from './surface.ts'

type Leaf = Record<'query' | 'mutate', (input: unknown, options: object) => Promise<object>> & {
  readonly subscribe: (input: unknown, options: object) => Disposable & { unsubscribe(): void }
}

/** The package that programs use, with what it asked and heard on the way. */
export function sdkSurface(baseUrl: string): Surface {
  return {
    name: 'sdk',
    recordedAs: 'trpc',
    serves: () => true,
    async call(entry, input, as) {
      const heard: Response[] = []
      const leaf = leafOf(entry, baseUrl, as, heard)
      const options = as.idempotencyKey === undefined ? {} : { idempotencyKey: as.idempotencyKey }
      const method = entry.kind === 'query' ? 'query' : 'mutate'
      const settled = await leaf[method](input, options).then(
        // A job's handle carries functions beside the answer.
        (answer) => ({ answer: JSON.parse(JSON.stringify(answer)) }),
        (error: unknown) => ({ error }),
      )
      return outcome(settled, heard[0])
    },
    async watch(entry, input, as, lastEventId) {
      const events: SurfaceEvent[] = []
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const stream = leafOf(entry, baseUrl, as, []).subscribe(input, {
        lastEventId,
        onData: (event: SurfaceEvent) => events.push({ id: event.id, data: event.data }),
        onStarted: resolve,
        onError: (error: unknown) => reject(refusedStream(outcome({ error }, undefined))),
      })
      await promise
      return { events, [Symbol.asyncDispose]: async () => stream.unsubscribe() }
    },
    async [Symbol.asyncDispose]() {},
  }
}

function leafOf(entry: RegistryEntry, baseUrl: string, as: CallAs, heard: Response[]): Leaf {
  const client = createClient({
    baseUrl,
    retry: false,
    batch: false,
    headers: { ...as.headers, ...(as.traceId === undefined ? {} : { 'x-request-id': as.traceId }) },
    ...(as.token === undefined ? {} : { apiKey: as.token }),
    fetch: async (...request) => {
      const response = await fetch(...request)
      heard.push(response)
      return response
    },
  })
  const leaf = entry.path.split('.').reduce<unknown>((branch, name) => field(branch, name), client)
  if (!isLeaf(leaf)) throw new Error(`The SDK has no ${entry.path}`)
  return leaf
}

function outcome(
  settled: { readonly answer?: unknown; readonly error?: unknown },
  heard: Response | undefined,
): Outcome {
  const { answer, error } = settled
  if (error !== undefined && !isPlinthError(error)) throw error
  return {
    status: heard?.status,
    data: answer,
    error: error === undefined ? undefined : refusalOf(error, error.message),
    traceId: error === undefined ? (heard?.headers.get('x-request-id') ?? undefined) : error.traceId,
    replayed: heard?.headers.get('idempotency-replayed') === 'true',
    text: JSON.stringify(error === undefined ? answer : said(error)) ?? '',
  }
}

/** All of it but what the caller itself sent. */
function said(error: PlinthError): object {
  return { ...error, message: error.message, idempotencyKey: undefined }
}

function isLeaf(value: unknown): value is Leaf {
  return typeof value === 'object' && value !== null && 'isError' in value
}
