import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { field, mutate, query } from '../../support/http.ts'
import { textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'
import {
  addTeam,
  createBase,
  foundTexts,
  getDocument,
  leftOf,
  settled,
  type Team,
  takeIn,
  uploadDocument,
  vectorsOf,
} from './support.ts'

let server: TestServer
let team: Team

beforeAll(async () => {
  server = await startServer()
  team = await addTeam(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const as = (token: string) => ({ token })
const note = (text: string, name = 'note.txt') => new File([text], name)

test('a document is read, cut and embedded by a job, and shown to members', async () => {
  const { projectId, editor, viewer, stranger } = team
  const baseId = await createBase(server, editor.token, projectId)
  const text = '# Holidays\n\nEverybody has thirty days.\n\n## Carrying over\n\nFive days until March.\n'
  const { id, jobId } = await uploadDocument(server, editor.token, baseId, note(text, 'handbook.md'))
  const document = await settled(server, viewer.token, id)
  expect(document).toMatchObject({
    knowledgeBaseId: baseId,
    name: 'handbook.md',
    title: 'Holidays',
    type: 'text/markdown',
    bytes: text.length,
    version: 1,
    foundVersion: 1,
    status: 'ready',
    error: null,
    pages: null,
    chunks: 2,
    jobId,
    createdById: editor.id,
  })
  const job = expectOk(await query(server.baseUrl, 'jobs.get', { id: jobId }, as(editor.token)))
  expect(job.data).toMatchObject({
    state: 'succeeded',
    progress: { current: 100, total: 100 },
    result: { documentId: id, version: 1, chunks: 2 },
  })
  const chunks = expectOk(await query(server.baseUrl, 'documents.chunks', { id }, as(viewer.token)))
  expect(field(chunks.data, 'data')).toEqual([
    {
      id: expect.any(String),
      documentId: id,
      position: 0,
      text: 'Holidays\n\nEverybody has thirty days.',
      headings: ['Holidays'],
      page: null,
      span: { start: 0, end: 36 },
    },
    {
      id: expect.any(String),
      documentId: id,
      position: 1,
      text: 'Carrying over\n\nFive days until March.',
      headings: ['Holidays', 'Carrying over'],
      page: null,
      span: { start: 38, end: 75 },
    },
  ])
  const base = expectOk(await query(server.baseUrl, 'knowledgeBases.get', { id: baseId }, as(viewer.token)))
  expect(base.data).toMatchObject({ documents: 1, embedding: { modelId: 'demo:local' } })
  expect(await vectorsOf(server, baseId)).toEqual([2])
  const fileId = textOf(document, 'fileId')
  expectOk(await query(server.baseUrl, 'files.get', { id: fileId }, as(viewer.token)))
  for (const path of ['documents.get', 'documents.chunks'])
    expectRefused(await query(server.baseUrl, path, { id }, as(stranger.token)), 404)
})

test('pages of chunks follow each other', async () => {
  const baseId = await createBase(server, team.owner.token)
  const text = Array.from({ length: 7 }, (_, index) => `# Part ${index}\n\nWords of it.\n`).join('\n')
  const { id } = await takeIn(server, team.owner.token, baseId, note(text, 'parts.md'))
  const read = async (input: object) =>
    expectOk(await query(server.baseUrl, 'documents.chunks', { id, ...input }, as(team.owner.token)))
  const first = await read({ limit: 3 })
  const second = await read({ limit: 3, cursor: textOf(first, 'pagination', 'nextCursor') })
  const third = await read({ limit: 3, page: 3 })
  const positions = [first, second, third].map(({ data }) => {
    const rows = field(data, 'data')
    return Array.isArray(rows) ? rows.map((row) => field(row, 'position')) : []
  })
  expect(positions).toEqual([[0, 1, 2], [3, 4, 5], [6]])
  expect(third.data).toMatchObject({ pagination: { total: 7 } })
})

test('viewers neither upload nor delete, and strangers learn nothing', async () => {
  const { projectId, editor, viewer, stranger } = team
  const knowledgeBaseId = await createBase(server, editor.token, projectId)
  const { id } = await takeIn(server, editor.token, knowledgeBaseId, note('Something.'))
  const tries = [
    ['documents.upload', { knowledgeBaseId, file: note('x') }],
    ['documents.delete', { id }],
    ['documents.retry', { id }],
    ['documents.reembed', { knowledgeBaseId }],
  ] as const
  for (const [path, input] of tries) {
    expectRefused(await mutate(server.baseUrl, path, input, as(viewer.token)), 403)
    expectRefused(await mutate(server.baseUrl, path, input, as(stranger.token)), 404)
  }
  expect(await foundTexts(server, knowledgeBaseId)).toEqual(['Something.'])
})

test('the same name again is a new version, which takes the place of the old one whole', async () => {
  const token = team.owner.token
  const baseId = await createBase(server, token)
  const { id, fileId } = await takeIn(server, token, baseId, note('The old text.'))
  const again = await uploadDocument(server, token, baseId, note('The new text.'))
  expect(again.id).toBe(id)
  const document = await settled(server, token, id)
  expect(document).toMatchObject({ version: 2, foundVersion: 2, status: 'ready', chunks: 1 })
  expect(await foundTexts(server, baseId)).toEqual(['The new text.'])
  expect(await leftOf(server, baseId)).toEqual({ chunks: 1, versions: 1, documents: 1 })
  await server.app.knowledge.clean()
  expect(await vectorsOf(server, baseId)).toEqual([1])
  expectRefused(await query(server.baseUrl, 'files.get', { id: fileId }, as(token)), 404)
})

test('a new version that cannot be read leaves the old one found, and says why', async () => {
  const token = team.owner.token
  const baseId = await createBase(server, token)
  const { id } = await takeIn(server, token, baseId, note('The good text.'))
  await uploadDocument(server, token, baseId, note('   \n \n'))
  const failed = await settled(server, token, id)
  expect(failed).toMatchObject({
    version: 2,
    foundVersion: 1,
    status: 'failed',
    error: 'There is no text in the file.',
  })
  await server.app.knowledge.clean()
  expect(await getDocument(server, token, id)).toMatchObject({ status: 'failed', error: failed.error })
  expect(await foundTexts(server, baseId)).toEqual(['The good text.'])
  const retried = expectOk(await mutate(server.baseUrl, 'documents.retry', { id }, as(token)))
  expect(retried.data).toMatchObject({ document: { version: 3, status: 'processing', foundVersion: 1 } })
  expect(await settled(server, token, id)).toMatchObject({ version: 3, status: 'failed', foundVersion: 1 })
  await uploadDocument(server, token, baseId, note('The better text.'))
  expect(await settled(server, token, id)).toMatchObject({ version: 4, status: 'ready', foundVersion: 4 })
  expect(await leftOf(server, baseId)).toEqual({ chunks: 1, versions: 1, documents: 1 })
})

test('of uploads of one name at once the last number wins, whichever is ready first', async () => {
  const token = team.owner.token
  const baseId = await createBase(server, token)
  const texts = Array.from(
    { length: 5 },
    (_, index) => `Text ${index}. ${'More words. '.repeat(index * 300)}`,
  )
  await Promise.all(texts.map((text) => uploadDocument(server, token, baseId, note(text))))
  const page = expectOk(await query(server.baseUrl, 'documents.list', { knowledgeBaseId: baseId }, as(token)))
  const rows = field(page.data, 'data')
  const [document] = Array.isArray(rows) ? rows : []
  const last = await until(
    'the last version is found',
    async () => {
      const now = await getDocument(server, token, textOf(document, 'id'))
      return now.foundVersion === 5 ? now : undefined
    },
    20_000,
  )
  expect(last).toMatchObject({ version: 5, status: 'ready' })
  const left = await leftOf(server, baseId)
  expect(left).toEqual({ chunks: last.chunks, versions: 1, documents: 1 })
  const { rows: versions } = await server.database.pool.query(
    `SELECT count(DISTINCT version_id)::int AS versions FROM chunks WHERE knowledge_base_id = $1::uuid`,
    [baseId],
  )
  expect(versions).toEqual([{ versions: 1 }])
})

test('what is deleted is found no more, and nothing of it is left', async () => {
  const token = team.owner.token
  const baseId = await createBase(server, token)
  const kept = await takeIn(server, token, baseId, note('This stays.', 'a.txt'))
  const gone = await takeIn(server, token, baseId, note('This goes.', 'b.txt'))
  expectOk(await mutate(server.baseUrl, 'documents.delete', { id: gone.id }, as(token)))
  expectRefused(await query(server.baseUrl, 'documents.get', { id: gone.id }, as(token)), 404)
  expectRefused(await mutate(server.baseUrl, 'documents.delete', { id: gone.id }, as(token)), 404)
  expect(await leftOf(server, baseId)).toEqual({ chunks: 1, versions: 1, documents: 1 })
  await server.app.knowledge.clean()
  await server.app.files.collect()
  expect(await vectorsOf(server, baseId)).toEqual([1])
  expect(await server.database.prisma.file.count({ where: { id: gone.fileId ?? '' } })).toBe(0)
  expect(await server.database.prisma.file.count({ where: { id: kept.fileId ?? '' } })).toBe(1)
})

test('a document whose file was deleted is still found, and cannot be tried again', async () => {
  const token = team.owner.token
  const baseId = await createBase(server, token)
  const { id, fileId } = await takeIn(server, token, baseId, note('Kept in mind.'))
  expectOk(await mutate(server.baseUrl, 'files.delete', { id: fileId }, as(token)))
  await server.app.files.collect()
  expect(await getDocument(server, token, id)).toMatchObject({ status: 'ready', fileId: null })
  expect(await foundTexts(server, baseId)).toEqual(['Kept in mind.'])
  expectRefused(await mutate(server.baseUrl, 'documents.retry', { id }, as(token)), 409)
})

test('a deleted base is emptied: documents, files, chunks and rows', async () => {
  const token = team.owner.token
  const baseId = await createBase(server, token)
  const files = await Promise.all(
    ['a', 'b', 'c'].map(
      async (name) => (await takeIn(server, token, baseId, note(name, `${name}.txt`))).fileId,
    ),
  )
  expectOk(await mutate(server.baseUrl, 'knowledgeBases.delete', { id: baseId }, as(token)))
  await server.app.knowledge.clean()
  await server.app.files.collect()
  expect(await leftOf(server, baseId)).toEqual({ chunks: 0, versions: 0, documents: 0 })
  const ids = files.map((id) => id ?? '')
  expect(await server.database.prisma.file.count({ where: { id: { in: ids } } })).toBe(0)
  // Its vectors wait for the searches under way; here nobody has to.
  await server.database.pool.query(
    `UPDATE embedding_spaces SET retired_at = now() - interval '1 minute' WHERE knowledge_base_id = $1::uuid`,
    [baseId],
  )
  await server.app.knowledge.clean()
  expect(await server.database.prisma.embeddingSpace.count({ where: { knowledgeBaseId: baseId } })).toBe(0)
  expect(await server.database.prisma.knowledgeBase.count({ where: { id: baseId } })).toBe(0)
})
