import { randomBytes } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mutate } from '../support/http.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { from, type Person, registerPeople, succeeded } from './support/people.ts'
import { startPlinth } from './support/plinth.ts'
import { median, rounded } from './support/statistics.ts'

const MB = 1_000_000
const WANTED_ONE_MB = 100
const WANTED_MANY_MB = 150

/** Large files in, and how much memory the server takes for them. */
export const uploads: Bench = {
  summary: 'an upload of 100 MB, and 20 of 25 MB at once: speed, and the memory the server takes for them',
  run,
}

interface Measured {
  readonly name: string
  readonly mbPerSecond: number
  /** By how much the resident memory rose above that before, at its highest. */
  readonly risenMb: number
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plinth-bench-upload-'))
  await using database = await createBenchDatabase()
  await using server = await startPlinth({
    databaseUrl: database.url,
    variables: { STORAGE_MAX_FILE_BYTES: '200000000', STORAGE_QUOTA_BYTES: '100000000000' },
  })
  try {
    const [person] = await registerPeople(server.baseUrl, 1)
    if (person === undefined) throw new Error('Nobody was registered')
    const source = await fileOf(folder, quick ? 10 * MB : 100 * MB)
    const smaller = await fileOf(folder, quick ? 3 * MB : 25 * MB)
    const upload = (from: string) => send(server.baseUrl, person, from)
    // The first takes what every later one needs too: code, buffers, connections.
    await upload(smaller)
    const pid = server.child.pid ?? 0
    const one: Measured[] = []
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      one.push(await measured('one of 100 MB', pid, [source], upload))
    }
    const many = await measured('20 of 25 MB at once', pid, Array<string>(20).fill(smaller), upload)
    return reportOf(one, many)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measured(
  name: string,
  pid: number,
  sources: readonly string[],
  upload: (source: string) => Promise<number>,
): Promise<Measured> {
  const before = await residentMb(pid)
  let highest = before
  let over = false
  const watching = (async () => {
    while (!over) highest = Math.max(highest, await residentMb(pid))
  })()
  const started = performance.now()
  const sent = await Promise.all(sources.map(upload))
  const seconds = (performance.now() - started) / 1_000
  over = true
  await watching
  const bytes = sent.reduce((sum, size) => sum + size, 0)
  return { name, mbPerSecond: rounded(bytes / MB / seconds, 1), risenMb: rounded(highest - before, 1) }
}

/** Uploads a file from disk; returns its size. */
async function send(baseUrl: string, person: Person, source: string): Promise<number> {
  const file = new File([await openAsBlob(source)], 'large.bin')
  const headers = from(person)
  succeeded(await mutate(baseUrl, 'files.upload', { file }, { token: person.token, headers }))
  return file.size
}

async function fileOf(folder: string, bytes: number): Promise<string> {
  const file = path.join(folder, `${bytes}.bin`)
  await using handle = await open(file, 'w')
  // No text, and no type that is known.
  await handle.write(Buffer.from([0xf7]))
  for (let written = 1; written < bytes; written += MB) {
    await handle.write(randomBytes(Math.min(MB, bytes - written)))
  }
  return file
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024) / MB
}

function reportOf(one: readonly Measured[], many: Measured): Report {
  const single: Measured = {
    name: 'one of 100 MB',
    mbPerSecond: median(one.map(({ mbPerSecond }) => mbPerSecond)),
    risenMb: Math.max(...one.map(({ risenMb }) => risenMb)),
  }
  return {
    tables: [
      {
        title: 'Uploads to disk',
        columns: ['uploads', 'MB/s', 'memory risen by, MB'],
        rows: [single, many].map(({ name, mbPerSecond, risenMb }) => [name, mbPerSecond, risenMb]),
      },
    ],
    notes: [
      'Speed is the median, memory the highest of all rounds. Sender, server and disk share the machine.',
    ],
    targets: [
      {
        name: 'memory for one of 100 MB',
        wanted: `under ${WANTED_ONE_MB} MB`,
        measured: `${single.risenMb} MB`,
        met: single.risenMb < WANTED_ONE_MB,
      },
      {
        name: 'memory for 20 of 25 MB at once',
        wanted: `under ${WANTED_MANY_MB} MB`,
        measured: `${many.risenMb} MB`,
        met: many.risenMb < WANTED_MANY_MB,
      },
    ],
    data: { one, many },
  }
}
