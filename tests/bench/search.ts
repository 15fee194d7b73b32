import { setTimeout as delay } from 'node:timers/promises'
import { loadPassages } from '../../server/src/modules/knowledge/search/load-hits.ts'
import { searchText } from '../../server/src/modules/knowledge/search/text/search-text.ts'
import { createLocalEmbedder } from '../../server/src/platform/llm/local-embedder/local-embedder.ts'
import { createLogger } from '../../server/src/platform/logger.ts'
import { createVectorStore } from '../../server/src/platform/vectors/index.ts'
import { addBase } from '../support/documents.ts'
import { expectOk } from '../support/expect-clean.ts'
import { query } from '../support/http.ts'
import { liftLimits } from '../support/lift-limits.ts'
import { addPerson } from '../support/people.ts'
import { startServer } from '../support/server.ts'
import { timed } from '../support/until.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { loadBase } from './support/load-base.ts'
import { makeQuestions } from './support/passages.ts'
import { percentile, rounded } from './support/statistics.ts'

const WANTED = 1.3
const WANTED_RECALL = 0.95
const NEAREST = 10
const DEPTH = 100
/** Of up to three seconds each. */
const MOST_ATTEMPTS = 100

/** `knowledgeBases.search` in a large base, beside its statements alone; how much of the nearest the graph finds. */
export const search: Bench = {
  summary: 'hybrid search among 100,000 passages, beside its statements alone; recall of the graph',
  run,
}

interface Measured {
  readonly where: string
  readonly loadSeconds: number
  readonly calls: readonly number[]
  readonly bare: readonly number[]
  readonly vectors: readonly number[]
  readonly words: readonly number[]
  readonly recall: number
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const size = quick ? 5_000 : 100_000
  const measured = [await measure('embedded', size, quick), await measure('postgres', size, quick)]
  const ms = (times: readonly number[], share: number) => rounded(percentile(times, share), 1)
  return {
    tables: [
      {
        title: `${size} passages in one base, one caller`,
        columns: [
          'database and store',
          'p50 ms',
          'p99 ms',
          'bare p50',
          'bare p99',
          'vectors p50',
          'words p50',
          'recall@10',
          'loaded in s',
        ],
        rows: measured.map(({ where, calls, bare, vectors, words, recall, loadSeconds }) => [
          where,
          ms(calls, 0.5),
          ms(calls, 0.99),
          ms(bare, 0.5),
          ms(bare, 0.99),
          ms(vectors, 0.5),
          ms(words, 0.5),
          rounded(recall, 3),
          rounded(loadSeconds, 0),
        ]),
      },
    ],
    notes: [
      'Passages are made up: topics, word frequencies as in a language; vectors of them by the local embedder.',
      'Bare: the same statements for words, vectors and passages, sent one after the other with the embedding at hand.',
    ],
    targets: measured.flatMap(({ where, calls, bare, recall }) => {
      const ratio = percentile(calls, 0.5) / percentile(bare, 0.5)
      return [
        {
          name: `${where}: p50 against the bare statements`,
          wanted: `at most ${WANTED} times`,
          measured: `${ratio.toFixed(2)} times`,
          met: ratio <= WANTED,
        },
        {
          name: `${where}: recall@${NEAREST}`,
          wanted: `at least ${WANTED_RECALL}`,
          measured: recall.toFixed(3),
          met: recall >= WANTED_RECALL,
        },
      ]
    }),
    data: measured,
  }
}

async function measure(kind: 'embedded' | 'postgres', size: number, quick: boolean): Promise<Measured> {
  process.env.TEST_DATABASE = kind
  await using server = await startServer()
  liftLimits(server)
  const { database, config, baseUrl } = server
  const person = await addPerson(server)
  const baseId = await addBase(server, { ownerId: person.id })
  const store = createVectorStore(config.vectors, database, createLogger({ level: 'silent', format: 'json' }))
  await store.start()
  const { ms: loadMs, answer: base } = await timed(() => loadBase(database, baseId, store.kind, size))

  const signal = new AbortController().signal
  const embedder = createLocalEmbedder()
  const questions = makeQuestions(quick ? 40 : 300)
  const vectors = await embedder.embed(questions, 'query', signal)
  const times = {
    calls: [] as number[],
    bare: [] as number[],
    vectors: [] as number[],
    words: [] as number[],
  }
  let [found, wanted] = [0, 0]
  const ask = async (text: string) =>
    expectOk(
      await query(
        baseUrl,
        'knowledgeBases.search',
        { query: text, knowledgeBaseIds: [baseId] },
        { token: person.token },
      ),
    )
  const near = (vector: Float32Array, limit: number) =>
    store.search({ spaceIds: [base.spaceId], vector, limit, signal })
  const first = vectors[0] ?? new Float32Array()
  await untilAnswered(() => near(first, NEAREST).catch(() => undefined))
  await untilAnswered(async () => {
    const answer = await ask(questions[0] ?? '')
    return Reflect.get(Object(answer.data), 'degraded') === undefined ? answer : undefined
  })
  for (const [index, text] of questions.entries()) {
    const vector = vectors[index] ?? new Float32Array()
    const call = await timed(() => ask(text))
    const words = await timed(() =>
      searchText(database, { knowledgeBaseIds: [baseId], query: text, limit: DEPTH }),
    )
    const nearest = await timed(() => near(vector, DEPTH))
    const chunkIds = [...words.answer, ...nearest.answer].map(({ chunkId }) => chunkId)
    const wantedRows = { chunkIds, baseIds: [baseId], limit: NEAREST }
    const rows = await timed(() => loadPassages(database, { userId: person.id }, wantedRows))
    times.calls.push(call.ms)
    times.vectors.push(nearest.ms)
    times.words.push(words.ms)
    times.bare.push(words.ms + nearest.ms + rows.ms)
    if (index < 100) {
      const exact = base.nearest(vector, NEAREST)
      const ten = (await near(vector, NEAREST)).map(({ chunkId }) => chunkId)
      wanted += exact.length
      found += exact.filter((chunkId) => ten.includes(chunkId)).length
      await delay(0)
    }
  }
  await embedder.close()
  await store.close()
  return { where: `${kind}, ${store.kind}`, loadSeconds: loadMs / 1_000, ...times, recall: found / wanted }
}

/**
 * Asks until there is an answer: the exact store reads a large base in goes of as long as a search may wait, and searches
 * meanwhile go by the words alone.
 * @throws Error when there is none after so many
 */
async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) if ((await ask()) !== undefined) return
  throw new Error(`There was no answer with vectors after ${MOST_ATTEMPTS} searches.`)
}
