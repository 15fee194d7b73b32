import { setTimeout as delay } from 'node:timers/promises'
import { median } from '../support/statistics.ts'
import { answersOf, ask } from './answers.ts'
import { able, type Peer, requestOf } from './peer.ts'
import type { Caller } from './population.ts'
import { startRoundTripProxy } from './round-trip-proxy.ts'
import type { CallWork } from './works.ts'

const WARM = 2
const COUNTED = 5
/** What a call does after its answer belongs to it. */
const SETTLE_MS = 40

/** What was found out about a server before it is measured. */
export interface Inspection {
  /** By work, for the callers that were asked; without those it has not. */
  readonly answers: ReadonlyMap<CallWork, unknown>
  /** Database round trips of a warm request. */
  readonly roundTrips: ReadonlyMap<CallWork, number>
}

/** Starts the server with a counting proxy before its database, asks it everything, and ends it. */
export async function inspect(
  peer: Peer,
  databaseUrl: string,
  works: readonly CallWork[],
  callers: readonly Caller[],
): Promise<Inspection> {
  await using proxy = await startRoundTripProxy(databaseUrl)
  await using server = await peer.start(proxy.url)
  const tokens = await peer.issueTokens(callers)
  const answers = new Map<CallWork, unknown>()
  const roundTrips = new Map<CallWork, number>()
  for (const work of works) {
    const asking = sampleFor(work, callers)
    const found = await answersOf(server.baseUrl, peer, tokens, work, asking)
    if (found === undefined) continue
    answers.set(work, found)
    const [caller] = able(peer, work, asking)
    const call = caller && peer.wire.call(work, caller)
    if (caller === undefined || call === undefined) continue
    const request = requestOf(tokens, caller, call)
    for (let warm = 0; warm < WARM; warm += 1) await ask(server.baseUrl, request)
    const counts: number[] = []
    // More than one, because servers also do things of their own now and then.
    for (let turn = 0; turn < COUNTED; turn += 1) {
      await delay(SETTLE_MS)
      const before = proxy.count()
      await ask(server.baseUrl, request)
      await delay(SETTLE_MS)
      counts.push(proxy.count() - before)
    }
    roundTrips.set(work, median(counts))
  }
  return { answers, roundTrips }
}

/** A few callers, others for writing than for reading: what one server writes must not change what the next one reads. */
function sampleFor(work: CallWork, callers: readonly Caller[]): Caller[] {
  const first = work === 'create' ? 130 : 10
  return callers.filter(({ number }) => number % 250 === first || number % 250 === first + 1)
}
