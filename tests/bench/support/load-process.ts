import autocannon from 'autocannon'
import type { Load, LoadOutcome } from './load.ts'

/** From so many on, each connection has some of its own: making 1,000 ready for each of 32 takes a second. */
const OWN_REQUESTS = 10

/** The other end of `load()`: one load in, one outcome out. */
process.once('message', async (message) => {
  const { baseUrl, connections, seconds, requests } = message as Load
  let next = 0
  const result = await autocannon({
    url: baseUrl,
    connections,
    duration: seconds,
    setupClient(client) {
      // Connections in step would all ask for the same user at once, and run into that user's limit.
      const from = Math.floor((next * requests.length) / connections)
      next += 1
      const to = Math.floor((next * requests.length) / connections)
      client.setRequests(
        to - from >= OWN_REQUESTS
          ? requests.slice(from, to)
          : [...requests.slice(from), ...requests.slice(0, from)],
      )
    },
  })
  const outcome: LoadOutcome = {
    answers: result.requests.total,
    perSecond: result.requests.total / result.duration,
    medianMs: result.latency.p50,
    p99Ms: result.latency.p99,
    failures: result.non2xx + result.errors + result.timeouts,
  }
  process.send?.(outcome, () => process.disconnect())
})
