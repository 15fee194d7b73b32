import { residentMemoryMb } from '../support/memory.ts'
import { processorTimeMs } from '../support/processor-time.ts'
import { type Contender, type Round, untilWarm } from '../support/rounds.ts'
import { median, percentile } from '../support/statistics.ts'
import { startSubscribers } from '../support/subscribers.ts'
import { ask } from './answers.ts'
import { type Peer, requestOf } from './peer.ts'
import { type Caller, EVERYBODYS_PROJECT } from './population.ts'

/** A server whose streams are opened. */
export interface EventContender {
  readonly peer: Peer
  readonly server: Contender['server']
}

/** How much is measured. */
export interface EventTurns {
  readonly rounds: number
  readonly beats: number
  readonly subscribers: number
}

const WARM_BEATS = 3

/**
 * Opens streams of many users and writes tasks, server by server in turns, the first of which warm up. `perSecond`
 * counts deliveries while one event is on its way to all; times run from the sending of the change to its arrival; processor time is per delivery.
 */
export async function measureEvents(
  contenders: readonly EventContender[],
  callers: readonly Caller[],
  turns: EventTurns,
): Promise<Round[]> {
  const measured: Round[] = []
  for (const contender of contenders) await untilWarm(() => turn(contender, callers, turns))
  for (let round = 0; round < turns.rounds; round += 1) {
    for (const contender of contenders) measured.push(await turn(contender, callers, turns))
  }
  return measured
}

async function turn(
  { peer, server }: EventContender,
  callers: readonly Caller[],
  { beats, subscribers: count }: EventTurns,
): Promise<Round> {
  const tokens = await peer.issueTokens(callers)
  using subscribers = startSubscribers()
  const port = Number(new URL(server.baseUrl).port)
  const path = peer.wire.changes(EVERYBODYS_PROJECT)
  const targets = callers
    .slice(0, count)
    .map((caller) => ({ port, path, headers: requestOf(tokens, caller, { path }).headers }))
  const { statuses } = await subscribers.open(targets)
  if (statuses[200] !== count) throw new Error(`${peer.name}: ${JSON.stringify(statuses)}`)
  const [owner] = callers
  if (owner === undefined) throw new Error('There is nobody to write')
  const say = (beat: number) => () =>
    ask(server.baseUrl, requestOf(tokens, owner, peer.wire.create(EVERYBODYS_PROJECT, `Beat ${beat}`)))
  for (let beat = 0; beat < WARM_BEATS; beat += 1) await subscribers.hear(beat, count, say(beat))
  const before = processorTimeMs(server.child.pid)
  const times: number[] = []
  let underWayMs = 0
  for (let beat = WARM_BEATS; beat < WARM_BEATS + beats; beat += 1) {
    const arrived = await subscribers.hear(beat, count, say(beat))
    times.push(...arrived)
    underWayMs += Math.max(...arrived)
  }
  const processorMs = processorTimeMs(server.child.pid) - before
  await subscribers.drop()
  return {
    name: peer.name,
    perSecond: (beats * count * 1_000) / underWayMs,
    medianMs: median(times),
    p99Ms: percentile(times, 0.99),
    processorMs: processorMs / (beats * count),
    memoryMb: residentMemoryMb(server.child.pid),
  }
}
