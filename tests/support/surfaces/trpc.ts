import { mutate, query } from '../http.ts'
import { openStream } from '../sse.ts'
import { headersOf, httpOutcome } from './outcome.ts'
import { watched } from './sse-surface.ts'
import type { Surface } from './surface.ts'

/** tRPC's protocol by plain HTTP. */
export function trpcSurface(baseUrl: string): Surface {
  return {
    name: 'trpc',
    recordedAs: 'trpc',
    serves: () => true,
    async call(entry, input, as) {
      const send = entry.kind === 'query' ? query : mutate
      const answer = await send(baseUrl, entry.path, input, { headers: headersOf(as) })
      return httpOutcome(answer, answer.data)
    },
    watch: (entry, input, as, lastEventId) =>
      watched(
        openStream(baseUrl, entry.path, input, {
          headers: headersOf(as),
          ...(lastEventId === undefined ? {} : { lastEventId }),
        }),
      ),
    async [Symbol.asyncDispose]() {},
  }
}
