import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liftLimits } from '../../support/lift-limits.ts'
import { addPerson, PASSWORD } from '../../support/people.ts'
import { type Home, installPlinth, logInWith, type PlinthCommand } from '../../support/plinth-command.ts'
import { startServer, type TestServer } from '../../support/server.ts'

let server: TestServer
let command: PlinthCommand
let home: Home
let folder: string

beforeAll(async () => {
  const installing = installPlinth()
  server = await startServer()
  liftLimits(server)
  command = await installing
  const ada = await addPerson(server, 'ada')
  home = await command.home(server.baseUrl)
  await logInWith(home, ada.email, PASSWORD)
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-collection-'))
  await writeBeir(folder)
})

afterAll(async () => {
  await command?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** Four documents and two queries; the judgements of the third query are all "not relevant". */
async function writeBeir(into: string): Promise<void> {
  const lines = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join('\n')
  await writeFile(
    path.join(into, 'corpus.jsonl'),
    lines([
      { _id: 'bread', title: 'Baking', text: 'Bread is baked from flour, water and salt.' },
      { _id: 'pump', title: 'Pumps', text: 'The pump lifts water out of the mine.' },
      { _id: 'valve', title: '', text: 'A valve closes the pipe behind the pump.' },
      { _id: 'bees', title: 'Bees', text: 'A hive is opened in spring, on a warm day.' },
    ]),
  )
  const queries = [
    { _id: 'q1', text: 'When is a beehive opened?' },
    { _id: 'q2', text: 'pump' },
    { _id: 'q3', text: 'nothing' },
  ]
  await writeFile(path.join(into, 'queries.jsonl'), lines(queries))
  await mkdir(path.join(into, 'qrels'))
  const qrels = ['query-id\tcorpus-id\tscore', 'q1\tbees\t1', 'q2\tpump\t1', 'q2\tvalve\t1', 'q3\tbread\t0']
  await writeFile(path.join(into, 'qrels/test.tsv'), qrels.join('\n'))
}

async function basesLeft(): Promise<unknown> {
  return (await home.run(['knowledge-bases', 'list'])).json()
}

describe('plinth kb eval', () => {
  test('measures words, vectors and both beside plain BM25, and leaves nothing behind', async () => {
    const ran = await home.run(['kb', 'eval', folder, '--output', 'json'])
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.err).toContain('4 documents, 2 queries')
    const best = { recall10: 1, recall100: 1, ndcg10: 1, mrr: 1 }
    expect(ran.json()).toEqual([
      { search: 'text', ...best },
      { search: 'vector', recall10: 1, recall100: 1, ndcg10: expect.any(Number), mrr: expect.any(Number) },
      { search: 'hybrid', ...best },
      { search: 'bm25', ...best },
    ])
    expect(await basesLeft()).toMatchObject({ data: [] })
  })

  test('says what is wrong with a folder, and sends nothing', async () => {
    for (const [args, said] of [
      [['kb', 'eval', path.join(folder, 'qrels')], 'corpus.jsonl'],
      [['kb', 'eval', path.join(folder, 'nowhere')], 'no folder'],
      [['kb', 'measure', folder], 'plinth kb eval <folder>'],
    ] as const) {
      const ran = await home.run([...args])
      expect(ran.code).toBe(2)
      expect(ran.err).toContain(said)
    }
    expect(await basesLeft()).toMatchObject({ data: [] })
  })
})
