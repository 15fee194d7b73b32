import autocannon from 'autocannon'
import type { Load, LoadOutcome } from './load.ts'

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
      client.setRequests([...requests.slice(from), ...requests.slice(0, from)])
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
