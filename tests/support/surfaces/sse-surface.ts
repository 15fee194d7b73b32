import { field } from '../http.ts'
import type { SseStream } from '../sse.ts'
import { until } from '../until.ts'
import { refusalOf } from './outcome.ts'
import { refusedStream } from './refused-stream.ts'
import type { SurfaceStream } from './surface.ts'

/** A stream of server-sent events that has said that it is open. @throws RefusedStream when it said no */
export async function watched(opening: Promise<SseStream>): Promise<SurfaceStream> {
  const stream = await opening
  const first = await until('the stream to open', () => stream.messages[0])
  if (first.event === 'serialized-error') {
    stream[Symbol.dispose]()
    const data = field(first.data, 'data')
    throw refusedStream({
      error: refusalOf(data, field(first.data, 'message')),
      traceId: String(field(data, 'traceId')),
      text: JSON.stringify(first.data),
    })
  }
  return {
    get events() {
      return stream.events().map(({ id = '', data }) => ({ id, data }))
    },
    async [Symbol.asyncDispose]() {
      stream[Symbol.dispose]()
    },
  }
}
