import type { Bench, BenchOptions, Report } from '../bench.ts'
import type { Contender, Round } from '../support/rounds.ts'
import { measureRounds } from '../support/rounds.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { allPeers, OURS } from './all-peers.ts'
import { requireSame } from './answers.ts'
import { choose } from './choose.ts'
import { startCollector } from './collector.ts'
import { type EventTurns, measureEvents } from './events.ts'
import { type Result, resultsOf } from './figures.ts'
import { type Inspection, inspect } from './inspect.ts'
import { does, type Peer, requestsOf } from './peer.ts'
import { saveResults } from './save.ts'
import { tableOf } from './tables.ts'
import { targetsOf } from './targets.ts'
import { type CallWork, type Work, workNames } from './works.ts'
import { createSeededDatabase, createWorld, type World } from './world.ts'

/** Other numbers than those of `measureRounds`. */
const CONNECTIONS: Readonly<Partial<Record<Work, number>>> = {
  // More would only wait for a hashing thread.
  login: 8,
}

/** Plinth beside every server that somebody might write instead, on the same rows, loaded in turns in one run. */
export const peers: Bench = {
  summary: 'the same works done by Plinth and by servers of other makes',
  run,
}

/** Who takes part, and where its rows are. */
interface Entrant {
  readonly peer: Peer
  readonly databaseUrl: string
}

/** One that runs. */
interface Running {
  readonly peer: Peer
  readonly server: ServerProcess
}

async function run(options: BenchOptions): Promise<Report> {
  const works = choose('works', options.works, workNames)
  const world = createWorld()
  await using collector = await startCollector()
  const { present, notes } = await presentPeers(world, collector.url, options.servers)
  await using databases = new AsyncDisposableStack()
  const shared = databases.use(await createSeededDatabase(world))
  const entrants: Entrant[] = []
  for (const peer of present) {
    const database = peer.ownDatabase === true ? databases.use(await createSeededDatabase(world)) : shared
    entrants.push({ peer, databaseUrl: database.url })
  }
  const inspections = await inspectAll(entrants, works.filter(isCall), world)

  await using servers = new AsyncDisposableStack()
  const running: Running[] = []
  for (const { peer, databaseUrl } of entrants)
    running.push({ peer, server: servers.use(await peer.start(databaseUrl)) })
  const rounds: { work: Work; rounds: Round[] }[] = []
  const results: Result[] = []
  for (const work of works) {
    process.stdout.write(`${work} …\n`)
    const measured = await measure(work, running, world, options.quick)
    rounds.push({ work, rounds: measured })
    const trips = (server: string) =>
      isCall(work) ? inspections.get(server)?.roundTrips.get(work) : undefined
    results.push(...resultsOf(work, measured, trips))
  }
  if (options.save) await saveResults(results, { quick: options.quick })
  return {
    tables: works.map((work) =>
      tableOf(
        work,
        results.filter((result) => result.work === work),
      ),
    ),
    notes: [...notes, ...remarks(present, collector.received().bytes)],
    targets: targetsOf(results),
    data: { results, rounds },
  }
}

async function presentPeers(world: World, collector: string, wanted: string | undefined) {
  const all = allPeers(world, collector)
  const names = choose(
    'servers',
    wanted,
    all.map(({ name }) => name),
  )
  const present: Peer[] = []
  const notes: string[] = []
  for (const peer of all.filter(({ name }) => names.includes(name))) {
    const missing = await peer.missing?.()
    if (missing === undefined) present.push(peer)
    else notes.push(`${peer.name} was left out; it needs: ${missing}`)
  }
  if (present.length === 0) throw new Error(['There is no server to measure.', ...notes].join('\n'))
  return { present, notes }
}

/** Counts everybody's round trips. @throws Error unless all answer as the first does */
async function inspectAll(
  entrants: readonly Entrant[],
  works: readonly CallWork[],
  { callers }: World,
): Promise<Map<string, Inspection>> {
  const found = new Map<string, Inspection>()
  for (const { peer, databaseUrl } of entrants) {
    const inspection = await inspect(peer, databaseUrl, works, callers)
    const [first] = found
    for (const [work, answer] of inspection.answers) {
      const expected = first?.[1].answers.get(work)
      if (first !== undefined && expected !== undefined)
        requireSame(work, [first[0], expected], [peer.name, answer])
    }
    found.set(peer.name, inspection)
  }
  return found
}

async function measure(
  work: Work,
  running: readonly Running[],
  { callers }: World,
  quick: boolean,
): Promise<Round[]> {
  if (!isCall(work)) {
    const turns: EventTurns = quick
      ? { rounds: 2, beats: 5, subscribers: 500 }
      : { rounds: 5, beats: 20, subscribers: 500 }
    const able = running.filter(({ peer }) => does(peer, work))
    return await measureEvents(able, callers, turns)
  }
  const contenders: Contender[] = []
  for (const { peer, server } of running) {
    const requests = await requestsOf(peer, work, callers)
    if (requests.length > 0) contenders.push({ name: peer.name, server, requests })
  }
  const turns = quick ? { rounds: 2, seconds: 2 } : { rounds: 5, seconds: 3 }
  return await measureRounds(contenders, { ...turns, connections: CONNECTIONS[work] })
}

function isCall(work: Work): work is CallWork {
  return work !== 'event'
}

function remarks(present: readonly Peer[], collected: number): string[] {
  const traced = present.some(({ ownDatabase }) => ownDatabase === true)
  return [
    `${OURS} writes its log and audit rows, counts limits and checks revocation; the others do none of these.`,
    ...(traced ? [`plinth-traced sent ${Math.round(collected / 1_000)} kB to the collector.`] : []),
  ]
}
