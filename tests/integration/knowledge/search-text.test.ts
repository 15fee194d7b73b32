import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { searchText } from '../../../server/src/modules/knowledge/search/text/search-text.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let ownerId = ''

beforeAll(async () => {
  database = await createTestDatabase(databaseKind())
  ownerId = randomUUID()
  await run(
    `INSERT INTO users (id, email, full_name, password_hash, updated_at) VALUES ($1, 'reader@plinth.test', 'Reader', 'x', now())`,
    [ownerId],
  )
})
afterAll(() => database.drop())

async function run(text: string, values: unknown[]): Promise<void> {
  await database.database.pool.query(text, values)
}

/** A base with one document of these chunks; what each is called is its heading. */
async function baseWith(chunks: Readonly<Record<string, string>>, current = true) {
  const [baseId, documentId, versionId] = [randomUUID(), randomUUID(), randomUUID()]
  await run('INSERT INTO knowledge_bases (id, name, owner_id) VALUES ($1::uuid, $1::uuid::text, $2)', [
    baseId,
    ownerId,
  ])
  await run('INSERT INTO documents (id, knowledge_base_id, name) VALUES ($1::uuid, $2, $1::uuid::text)', [
    documentId,
    baseId,
  ])
  await run(
    `INSERT INTO document_versions (id, document_id, knowledge_base_id, number, job_id, state, type, bytes, sha256, chunk_count, ready_at)
     VALUES ($1, $2, $3, 1, $4, 'ready', 'text/plain', 1, 'x', 1, now())`,
    [versionId, documentId, baseId, randomUUID()],
  )
  if (current)
    await run('UPDATE documents SET current_version_id = $2 WHERE id = $1', [documentId, versionId])
  const names = new Map<string, string>()
  for (const [position, [name, text]] of Object.entries(chunks).entries()) {
    const id = randomUUID()
    names.set(id, name)
    await run(
      `INSERT INTO chunks (id, version_id, document_id, knowledge_base_id, position, text, headings, span_start, span_end)
       VALUES ($1, $2, $3, $4, $5, $6::text, ARRAY[$7::text], 0, length($6::text))`,
      [id, versionId, documentId, baseId, position, text, name],
    )
  }
  return {
    baseId,
    search: async (query: string, limit = 10) => {
      const found = await searchText(database.database, { knowledgeBaseIds: [baseId], query, limit })
      return found.map(({ chunkId }) => names.get(chunkId) ?? 'of another base')
    },
  }
}

describe('full text search', () => {
  it('weighs rare words more than common ones, however often these are there', async () => {
    const filler = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`f${index}`, `The system of the library, report ${index}.`]),
    )
    const { search } = await baseWith({
      ...filler,
      common: 'System library, system library: a system for the library of systems and libraries.',
      rare: 'A thesaurus is kept beside the catalogue for a long time, in every reading room that there is.',
    })
    expect((await search('thesaurus of a library system'))[0]).toBe('rare')
  })

  it('finds what says the same in other words, by words that the best have in common', async () => {
    const { search } = await baseWith({
      one: 'Aeroplanes need wings and jet engines to take off from a runway.',
      two: 'Modern aeroplanes have jet engines; a runway must be long.',
      three: 'Jet engines are tested beside the runway.',
      other: 'Bread is baked from flour, water and salt.',
    })
    const found = await search('aeroplanes')
    expect(found.slice(0, 2).toSorted()).toEqual(['one', 'two'])
    expect(found[2]).toBe('three')
    expect(found).not.toContain('other')
  })

  it('finds headings, parts of names, and any spelling of quotes and signs', async () => {
    const { search } = await baseWith({
      Appendix: 'See src/app.config.ts and MAX_POOL_SIZE.',
      Other: 'Nothing.',
    })
    for (const query of [
      'appendix',
      'config',
      'pool size',
      'app.config.ts',
      "'config' | !\\ & <-> (pool:*",
    ]) {
      expect(await search(query), query).toEqual(['Appendix'])
    }
    for (const query of ['the of and', "'", '\\', '', 'kb:x']) expect(await search(query), query).toEqual([])
  })

  it('looks into no other base and into no version that is not current', async () => {
    const secret = await baseWith({ secret: 'The canary sings at midnight.' })
    const mine = await baseWith({ mine: 'The canary is yellow.' })
    const old = await baseWith({ old: 'The canary was green.' }, false)
    expect(await mine.search('canary midnight')).toEqual(['mine'])
    expect(await old.search('canary')).toEqual([])
    expect(await mine.search(`kb:${secret.baseId} midnight`)).toEqual([])
  })
})
