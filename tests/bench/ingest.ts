import { z } from 'zod'
import { mutate, query } from '../support/http.ts'
import { until } from '../support/until.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { EVENT_LOOP_PRELOAD, readEventLoop, resetEventLoop } from './support/event-loop.ts'
import { from, registerPeople, succeeded } from './support/people.ts'
import { startPlinth } from './support/plinth.ts'
import { probe } from './support/probe.ts'
import { rounded } from './support/statistics.ts'

const MB = 1_000_000
const CALLS_PER_SECOND = 20
const WANTED_LOOP_MS = 250
const LONGEST_MS = 600_000

/** Documents taken in by the process that answers calls. */
export const ingest: Bench = {
  summary:
    'documents read, cut, embedded on this machine and indexed: speed, and the calls answered meanwhile',
  run,
}

const Uploaded = z.object({ document: z.object({ id: z.uuid() }) })
const Status = z.object({ status: z.string(), error: z.string().nullable(), chunks: z.int() })

async function run({ quick }: BenchOptions): Promise<Report> {
  await using database = await createBenchDatabase()
  await using server = await startPlinth({
    databaseUrl: database.url,
    variables: { PLINTH_ROLE: 'all' },
    preload: EVENT_LOOP_PRELOAD,
  })
  const [person] = await registerPeople(server.baseUrl, 1)
  if (person === undefined) throw new Error('Nobody was registered')
  const options = { token: person.token, headers: from(person) }
  const made = await mutate(server.baseUrl, 'knowledgeBases.create', { name: 'Bench' }, options)
  const { id: knowledgeBaseId } = z.object({ id: z.uuid() }).parse(succeeded(made))

  const takeIn = async (file: File): Promise<number> => {
    const answer = await mutate(server.baseUrl, 'documents.upload', { knowledgeBaseId, file }, options)
    const { id } = Uploaded.parse(succeeded(answer)).document
    const chunks = async () => {
      const got = await query(server.baseUrl, 'documents.get', { id }, options)
      const { status, error, chunks: count } = Status.parse(succeeded(got))
      if (status === 'failed') throw new Error(error ?? 'It failed')
      return status === 'ready' ? count : undefined
    }
    return await until('the document is ready', chunks, LONGEST_MS)
  }
  // The first takes what every later one needs too: threads, code, the space.
  await takeIn(markdownOf(10_000, 'first.md'))
  const files = Array.from({ length: quick ? 2 : 6 }, (_, index) =>
    markdownOf(quick ? 100_000 : 500_000, `book-${index}.md`),
  )
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  resetEventLoop(server.child)
  const started = performance.now()
  const taking = Promise.all(files.map(takeIn))
  const calls = await probe(
    () => query(server.baseUrl, 'knowledgeBases.get', { id: knowledgeBaseId }, options).then(succeeded),
    CALLS_PER_SECOND,
    taking,
  )
  const chunks = (await taking).reduce((sum, count) => sum + count, 0)
  const seconds = (performance.now() - started) / 1_000
  const loop = await readEventLoop(server.child)
  const mbPerSecond = rounded(bytes / MB / seconds, 2)
  const chunksPerSecond = Math.round(chunks / seconds)
  return {
    tables: [
      {
        title: `${files.length} Markdown files, ${rounded(bytes / MB, 1)} MB, ${chunks} chunks`,
        columns: [
          'MB/s',
          'chunks/s',
          'calls meanwhile p50, ms',
          'p99, ms',
          'loop late at most, ms',
          'of that its own work, ms',
        ],
        rows: [
          [
            mbPerSecond,
            chunksPerSecond,
            calls.medianMs,
            calls.p99Ms,
            rounded(loop.longestDelayMs, 0),
            rounded(loop.longestWorkMs, 0),
          ],
        ],
      },
    ],
    notes: ['One process does both; caller, server and database share the machine.'],
    targets: [
      {
        name: 'the event loop’s own work at most',
        wanted: `≤ ${WANTED_LOOP_MS} ms`,
        measured: `${rounded(loop.longestWorkMs, 0)} ms`,
        met: loop.longestWorkMs <= WANTED_LOOP_MS,
      },
    ],
    data: { mbPerSecond, chunksPerSecond, calls, loop },
  }
}

const WORDS =
  'the of retrieval system index query document term weight library science user search value method result'.split(
    ' ',
  )

/** A text with headings and paragraphs, the same every time. */
function markdownOf(bytes: number, name: string): File {
  const parts: string[] = []
  let length = 0
  for (let section = 0; length < bytes; section += 1) {
    const sentences = Array.from({ length: 12 }, (_, index) => sentenceOf(section * 31 + index * 7))
    const part = `## Section ${section}\n\n${sentences.join(' ')}\n\n`
    parts.push(part)
    length += part.length
  }
  return new File([`# ${name}\n\n`, ...parts], name)
}

function sentenceOf(seed: number): string {
  const words = Array.from(
    { length: 14 },
    (_, index) => WORDS[(seed * 13 + index * index + index * seed) % WORDS.length],
  )
  return `${words.join(' ')} ${seed}.`
}
