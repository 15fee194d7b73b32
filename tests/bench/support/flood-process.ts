import autocannon from 'autocannon'
import type { Flood, FloodOutcome } from './flood.ts'

/** The other end of `flood()`: one flood in, one outcome out. */
process.once('message', async (message) => {
  const { baseUrl, connections, seconds, perSecond, requests } = message as Flood
  const accepted: number[] = []
  const shed: number[] = []
  let others = 0
  let next = 0
  const result = await autocannon({
    url: baseUrl,
    connections,
    duration: seconds,
    ...(perSecond === undefined ? {} : { overallRate: perSecond }),
    setupClient(client) {
      const from = Math.floor((next * requests.length) / connections)
      next += 1
      client.setRequests([...requests.slice(from), ...requests.slice(0, from)])
      client.on('response', (status, _bytes, ms) => {
        if (status === 200) accepted.push(ms)
        else if (status === 503) shed.push(ms)
        else others += 1
      })
    },
  })
  const outcome: FloodOutcome = {
    accepted: timesOf(accepted),
    shed: timesOf(shed),
    others: others + result.errors + result.timeouts,
    seconds: result.duration,
  }
  process.send?.(outcome, () => process.disconnect())
})

function timesOf(times: number[]) {
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0
  return { count: times.length, medianMs: at(0.5), p99Ms: at(0.99) }
}
