import { beforeAll, describe, expect, it } from 'vitest'
import { countBatches, countRoundTrips, type RoundTrips } from '../support/round-trips.ts'

/**
 * Reads that are more than one: a search asks a model, whose price is held and booked, and ranks words twice beside the
 * vectors (docs/knowledge.md).
 */
const SEARCHES: Readonly<Record<string, number>> = { 'knowledgeBases.search': 20 }
/** Reads whose statement serves all of a batch (`platform/database/gathered.ts`). */
const BY_ID = [
  'chat.threads.get',
  'documents.get',
  'files.get',
  'knowledgeBases.get',
  'projects.get',
  'reports.get',
  'tasks.get',
]
let found: RoundTrips[]

beforeAll(async () => {
  found = await countRoundTrips()
}, 120_000)

describe('database round trips in a warm session', () => {
  it('are at most one for every read', () => {
    const reads = found.filter(({ kind }) => kind === 'query')
    expect(reads.length).toBeGreaterThan(0)
    expect(reads.filter(({ path, total }) => total > (SEARCHES[path] ?? 1))).toEqual([])
  })

  it('are one transaction for every write', () => {
    const writes = found.filter(({ kind }) => kind === 'mutation')
    expect(writes.length).toBeGreaterThan(0)
    expect(writes.filter(({ transactions }) => transactions !== 1)).toEqual([])
  })

  it('are one for a batch of ten reads by id', async () => {
    expect(await countBatches(BY_ID)).toEqual(Object.fromEntries(BY_ID.map((path) => [path, 1])))
  })

  it('of projects and tasks are counted by the server as it waits', () => {
    for (const { path, total, waits } of ofWork()) expect({ path, total }).toEqual({ path, total: waits })
  })

  it('of what a reply waits for do not grow unnoticed', () => {
    const ofReplies = found.filter(({ path }) => /^chat\.(send|retry)$/.test(path))
    expect(ofReplies.map(line)).toMatchInlineSnapshot(`
      [
        "chat.retry: 4 for BEGIN 4 COMMIT",
        "chat.send: 4 for 1 BEGIN 3 COMMIT",
      ]
    `)
  })

  it('of projects and tasks do not grow unnoticed', () => {
    // BEGIN leaves with the first statement, and the last one with COMMIT: audit rows, events, what others must hear.
    expect(ofWork().map(line)).toMatchInlineSnapshot(`
      [
        "projects.create: 5 for BEGIN 5 COMMIT",
        "projects.delete: 2 for BEGIN 2 COMMIT",
        "projects.get: 1",
        "projects.list: 1",
        "projects.members.add: 9 for BEGIN 9 COMMIT",
        "projects.members.list: 1",
        "projects.members.remove: 4 for BEGIN 4 COMMIT",
        "projects.members.setRole: 6 for BEGIN 6 COMMIT",
        "projects.restore: 4 for BEGIN 4 COMMIT",
        "projects.update: 2 for BEGIN 2 COMMIT",
        "tasks.create: 3 for BEGIN 3 COMMIT",
        "tasks.createMany: 2 for BEGIN 2 COMMIT",
        "tasks.delete: 2 for BEGIN 2 COMMIT",
        "tasks.get: 1",
        "tasks.list: 1",
        "tasks.restore: 2 for BEGIN 2 COMMIT",
        "tasks.update: 2 for BEGIN 2 COMMIT",
      ]
    `)
  })
})

function line({ path, alone, transactions, inTransactions, total }: RoundTrips): string {
  if (transactions === 0) return `${path}: ${alone}`
  return `${path}: ${total} for ${alone === 0 ? '' : `${alone} `}BEGIN ${inTransactions} COMMIT`
}

function ofWork(): RoundTrips[] {
  return found.filter(({ path }) => /^(projects|tasks)\./.test(path))
}
