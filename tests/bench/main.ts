import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Report } from './bench.ts'
import { describeMachine } from './support/machine.ts'
import { REPOSITORY } from './support/paths.ts'
import { printTable } from './support/table.ts'

/** Loaded when they run, so that none waits for what another one needs. */
const BENCHES: Record<string, () => Promise<Bench>> = {
  peers: async () => (await import('./peers/peers.ts')).peers,
  rest: async () => (await import('./rest.ts')).restCalls,
  'login-storm': async () => (await import('./login-storm.ts')).loginStorm,
  overload: async () => (await import('./overload.ts')).overload,
  memory: async () => (await import('./idle-memory.ts')).idleMemory,
  processes: async () => (await import('./processes.ts')).processes,
  validation: async () => (await import('./validation.ts')).validation,
  jobs: async () => (await import('./jobs.ts')).jobs,
  'round-trips': async () => (await import('./round-trips.ts')).roundTrips,
  streams: async () => (await import('./streams.ts')).streams,
  chat: async () => (await import('./chat.ts')).chat,
  bus: async () => (await import('./bus.ts')).bus,
  'sdk-types': async () => (await import('./type-cost.ts')).typeCost,
  registry: async () => (await import('./registry.ts')).registry,
  bundle: async () => (await import('./bundle.ts')).bundle,
  search: async () => (await import('./search.ts')).search,
  uploads: async () => (await import('./uploads.ts')).uploads,
  ingest: async () => (await import('./ingest.ts')).ingest,
  start: async () => (await import('./start.ts')).start,
  'cold-start': async () => (await import('./cold-start.ts')).coldStart,
}

/** Ignored by git. */
const RESULTS = path.join(REPOSITORY, '.plinth', 'bench')

const USAGE = `npm run bench -- [name…] [--quick] [--works w,…] [--servers s,…] [--save]

  --quick     fewer and shorter rounds, to see that it works; its figures mean little
  --works     of \`peers\`: which works, all unless given
  --servers   of \`peers\`: which servers, all unless given
  --save      of \`peers\`: writes docs/performance/peers.json and the picture

Without a name all but the longest run. There are:
`

/** What the command line asked for. @throws Error that says what is wrong with it */
function readArguments() {
  const { values, positionals } = parseArgs({
    options: {
      help: { type: 'boolean', default: false, short: 'h' },
      quick: { type: 'boolean', default: false },
      works: { type: 'string' },
      servers: { type: 'string' },
      save: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name))
  if (unknown.length > 0) throw new Error(`There is no bench "${unknown.join('", "')}".`)
  return { values, positionals }
}

async function help(): Promise<void> {
  const width = Math.max(...Object.keys(BENCHES).map((name) => name.length))
  const lines = await Promise.all(
    Object.entries(BENCHES).map(async ([name, load]) => `  ${name.padEnd(width)}  ${(await load()).summary}`),
  )
  print([USAGE, ...lines])
}

async function main(): Promise<void> {
  let asked: ReturnType<typeof readArguments>
  try {
    asked = readArguments()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n`)
    await help()
    process.exitCode = 2
    return
  }
  const { values, positionals } = asked
  if (values.help) return await help()
  const machine = await describeMachine()
  print(Object.entries(machine).map(([name, value]) => `${name}: ${value}`))
  for (const [name, load] of Object.entries(BENCHES)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    const bench = await load()
    if (positionals.length === 0 && bench.onlyWhenNamed === true) continue
    print(['', `== ${name}: ${bench.summary}`])
    const report = await bench.run(values)
    show(report)
    await mkdir(RESULTS, { recursive: true })
    const result = { measuredAt: new Date().toISOString(), quick: values.quick, machine, ...report }
    await writeFile(path.join(RESULTS, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`)
  }
  print(['', `Results as JSON: ${path.relative(process.cwd(), RESULTS)}`])
}

function show({ tables, notes = [], targets = [] }: Report): void {
  for (const table of tables) print(['', printTable(table)])
  if (notes.length > 0) print(['', ...notes])
  if (targets.length === 0) return
  const lines = targets.map(
    ({ name, wanted, measured, met }) => `${met ? '✓' : '✗'} ${name}: ${measured} (${wanted})`,
  )
  print(['', ...lines])
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

await main()
