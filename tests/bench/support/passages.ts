import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { createLocalEmbedder } from '../../../server/src/platform/llm/local-embedder/local-embedder.ts'

/** A passage of the bench. */
export interface BenchPassage {
  readonly chunkId: string
  readonly text: string
  readonly vector: Float32Array
}

const WORDS = 30_000
const WORDS_PER_PASSAGE = 90
const WORDS_PER_TOPIC = 400
const TOPICS = 300
/** How much of a passage is about its topic; the rest is what every text has. */
const ABOUT_TOPIC = 0.4
const PASSAGES_PER_DOCUMENT = 100

/**
 * Made-up passages in topics, their words as frequent as in a language (Zipf), with vectors of them by the local
 * embedder. The same number always gives the same ones.
 */
export async function* makePassages(count: number, batch: number): AsyncGenerator<BenchPassage[]> {
  const random = randomNumbers(42)
  const embedder = createLocalEmbedder()
  const signal = new AbortController().signal
  for (let made = 0; made < count; made += batch) {
    const texts = Array.from({ length: Math.min(batch, count - made) }, () => passage(random))
    const vectors = await embedder.embed(texts, 'document', signal)
    yield texts.map((text, index) => ({
      chunkId: randomUUID(),
      text,
      vector: vectors[index] ?? new Float32Array(),
    }))
  }
  await embedder.close()
}

/** Questions of some words each, of one topic. */
export function makeQuestions(count: number): string[] {
  const random = randomNumbers(7)
  return Array.from({ length: count }, () => {
    const topic = Math.floor(random() * TOPICS)
    return Array.from({ length: 6 }, () => wordOfTopic(topic, random)).join(' ')
  })
}

function passage(random: () => number): string {
  const topic = Math.floor(random() * TOPICS)
  const words = Array.from({ length: WORDS_PER_PASSAGE }, () =>
    random() < ABOUT_TOPIC ? wordOfTopic(topic, random) : word(zipf(WORDS, random)),
  )
  return `${words.join(' ')}.`
}

function wordOfTopic(topic: number, random: () => number): string {
  return word((topic * 7_919 + zipf(WORDS_PER_TOPIC, random) * 31) % WORDS)
}

/** Small numbers often, large ones seldom. */
function zipf(most: number, random: () => number): number {
  return Math.floor(most ** random()) - 1
}

const SYLLABLES = [
  'ba',
  'de',
  'ki',
  'lo',
  'mu',
  'na',
  'pe',
  'ri',
  'so',
  'tu',
  'va',
  'xe',
  'zi',
  'go',
  'fu',
  'ha',
]

function word(number: number): string {
  let rest = number + 300
  let text = ''
  while (rest > 0) {
    text += SYLLABLES[rest % SYLLABLES.length] ?? ''
    rest = Math.floor(rest / SYLLABLES.length)
  }
  return text
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Writes passages into documents of a base, as they are once they were taken in. */
export async function insertPassages(
  pool: pg.Pool,
  baseId: string,
  passages: readonly BenchPassage[],
): Promise<void> {
  for (let first = 0; first < passages.length; first += PASSAGES_PER_DOCUMENT) {
    const some = passages.slice(first, first + PASSAGES_PER_DOCUMENT)
    const [document, version] = [randomUUID(), randomUUID()]
    await pool.query(
      `INSERT INTO documents (id, knowledge_base_id, name, updated_at) VALUES ($1::uuid, $2, $1::uuid || '.txt', now())`,
      [document, baseId],
    )
    await pool.query(
      `INSERT INTO document_versions
         (id, document_id, knowledge_base_id, number, job_id, state, type, bytes, sha256, chunk_count, ready_at)
       VALUES ($1::uuid, $2, $3, 1, $1::uuid, 'ready', 'text/plain', 1, '', $4, now())`,
      [version, document, baseId, some.length],
    )
    await pool.query(
      `INSERT INTO chunks (id, version_id, document_id, knowledge_base_id, position, text, headings, span_start, span_end)
       SELECT id, $1, $2, $3, place - 1, text, '{}', 0, length(text)
       FROM unnest($4::uuid[], $5::text[]) WITH ORDINALITY AS given (id, text, place)`,
      [version, document, baseId, some.map(({ chunkId }) => chunkId), some.map(({ text }) => text)],
    )
    await pool.query('UPDATE documents SET current_version_id = $2 WHERE id = $1', [document, version])
  }
}
