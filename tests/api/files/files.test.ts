import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { field, mutate, query } from '../../support/http.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { addPerson, type LogIn, type Person } from '../../support/people.ts'
import { type S3Server, startS3Server } from '../../support/s3-server.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'
import { download, randomFile, tracesOf, tryUpload, uploadOk } from './support.ts'

describe.each(['disk', 's3'] as const)('files on %s', (kind) => {
  let s3: S3Server
  let server: TestServer
  let owner: Person & LogIn
  let editor: Person & LogIn
  let viewer: Person & LogIn
  let stranger: Person & LogIn
  let projectId: string

  beforeAll(async () => {
    s3 = await startS3Server()
    server = await startServer({ variables: kind === 's3' ? s3.variables : {} })
    liftLimits(server)
    owner = await addPerson(server, 'owner')
    editor = await addPerson(server, 'editor')
    viewer = await addPerson(server, 'viewer')
    stranger = await addPerson(server, 'stranger')
    projectId = randomUUID()
    const members = [
      { userId: owner.id, role: 'owner' as const },
      { userId: editor.id, role: 'editor' as const },
      { userId: viewer.id, role: 'viewer' as const },
    ]
    await server.database.prisma.project.create({
      data: { id: projectId, name: 'Files', slug: projectId, members: { create: members } },
    })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await s3[Symbol.asyncDispose]()
  })

  test('a file is kept, found, listed, read back, and gone when it is deleted', async () => {
    const bytes = new Uint8Array(await randomFile(300_000).arrayBuffer())
    const { token } = editor
    const answer = expectOk(await tryUpload(server, new File([bytes], 'Größe 📄.bin'), { token }, projectId))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(answer.data).toEqual({
      id: expect.any(String),
      projectId,
      ownerId: editor.id,
      name: 'Größe 📄.bin',
      type: 'application/octet-stream',
      bytes: 300_000,
      sha256,
      purpose: 'upload',
      createdAt: expect.any(String),
    })
    const id = String(field(answer.data, 'id'))
    expect(expectOk(await query(server.baseUrl, 'files.get', { id }, { token: viewer.token })).data).toEqual(
      answer.data,
    )
    const listed = expectOk(await query(server.baseUrl, 'files.list', { projectId }, { token: viewer.token }))
    expect(field(listed.data, 'data')).toContainEqual(answer.data)
    const read = await download(server, id, viewer.token)
    expect(read.status).toBe(200)
    expect(Buffer.compare(Buffer.from(await read.arrayBuffer()), Buffer.from(bytes))).toBe(0)
    expectOk(await mutate(server.baseUrl, 'files.delete', { id }, { token }))
    expect((await download(server, id, token)).status).toBe(404)
    expectRefused(await query(server.baseUrl, 'files.get', { id }, { token }), 404)
    expectRefused(await mutate(server.baseUrl, 'files.delete', { id }, { token }), 404)
    await until('its bytes and its row are gone', async () => {
      const row = await server.database.prisma.file.findUnique({ where: { id } })
      return row === null ? true : undefined
    })
  })

  test('what is one’s own is nobody else’s', async () => {
    const id = await uploadOk(server, randomFile(10), owner.token)
    const mine = expectOk(await query(server.baseUrl, 'files.list', {}, { token: owner.token }))
    expect(JSON.stringify(mine.data)).toContain(id)
    for (const { token } of [editor, stranger]) {
      const list = expectOk(await query(server.baseUrl, 'files.list', {}, { token }))
      expect(JSON.stringify(list.data)).not.toContain(id)
      expectRefused(await query(server.baseUrl, 'files.get', { id }, { token }), 404)
      expectRefused(await query(server.baseUrl, 'files.link', { id }, { token }), 404)
      expectRefused(await mutate(server.baseUrl, 'files.delete', { id }, { token }), 404)
      expect((await download(server, id, token)).status).toBe(404)
    }
  })

  test('viewers read and write nothing; strangers see no project', async () => {
    const id = await uploadOk(server, randomFile(10), editor.token, projectId)
    const before = await tracesOf(server)
    expectRefused(await tryUpload(server, randomFile(10), { token: viewer.token }, projectId), 403)
    expectRefused(await mutate(server.baseUrl, 'files.delete', { id }, { token: viewer.token }), 403)
    expectRefused(await tryUpload(server, randomFile(10), { token: stranger.token }, projectId), 404)
    expectRefused(await query(server.baseUrl, 'files.list', { projectId }, { token: stranger.token }), 404)
    expect(await tracesOf(server)).toEqual(before)
  })

  test('a list goes on page by page', async () => {
    const person = await addPerson(server)
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) ids.unshift(await uploadOk(server, randomFile(9, name), person.token))
    const { token } = person
    const first = expectOk(await query(server.baseUrl, 'files.list', { limit: 2 }, { token })).data
    const cursor = field(field(first, 'pagination'), 'nextCursor')
    const next = expectOk(await query(server.baseUrl, 'files.list', { limit: 2, cursor }, { token })).data
    const idsOf = (page: unknown) => (field(page, 'data') as { id: string }[]).map(({ id }) => id)
    expect([...idsOf(first), ...idsOf(next)]).toEqual(ids)
    const second = await query(server.baseUrl, 'files.list', { limit: 2, page: 2 }, { token })
    expect(field(second.data, 'pagination')).toEqual({ hasNext: false, nextCursor: null, limit: 2, total: 3 })
  })

  test('a call that is repeated with its key keeps one file and counts once', async () => {
    const { token, id: userId } = await addPerson(server)
    const headers = { 'idempotency-key': randomUUID() }
    const file = randomFile(1_000)
    const first = expectOk(await tryUpload(server, file, { token, headers }))
    const again = expectOk(await tryUpload(server, file, { token, headers }))
    expect(again.data).toEqual(first.data)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const other = await tryUpload(server, randomFile(1_000), { token, headers })
    expect(other.error?.reason).toBe('IDEMPOTENCY_MISMATCH')
    const usage = await server.database.prisma.storageUsage.findUnique({ where: { userId } })
    expect(usage).toEqual({ userId, bytes: 1_000n, files: 1 })
  })

  test('the same call ten times at once is one file', async () => {
    const { token, id: ownerId } = await addPerson(server)
    const headers = { 'idempotency-key': randomUUID() }
    const file = randomFile(5_000)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => tryUpload(server, file, { token, headers })),
    )
    const ids = new Set(answers.map((answer) => field(expectOk(answer).data, 'id')))
    expect(ids.size).toBe(1)
    await until('one row is left', async () => {
      const rows = await server.database.prisma.file.findMany({ where: { ownerId } })
      return rows.length === 1 && rows[0]?.state === 'stored' ? true : undefined
    })
  })

  test('U1 one byte too many is refused, and leaves nothing', async () => {
    const { token } = await addPerson(server)
    const before = await tracesOf(server)
    const answer = expectRefused(await tryUpload(server, randomFile(26_214_401), { token }), 413)
    expect(answer.error?.message).toContain('26214400')
    expect(await tracesOf(server)).toEqual(before)
  })
})

describe('U5 quotas', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ variables: { STORAGE_QUOTA_BYTES: '100000', STORAGE_QUOTA_FILES: '12' } })
    liftLimits(server)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test.each([
    ['bytes', 9_000, 9, 11],
    ['files', 100, 12, 12],
  ])('the quota of %s is never passed, however many come at once', async (_what, bytes, least, most) => {
    const { token, id: userId } = await addPerson(server)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => tryUpload(server, randomFile(bytes), { token })),
    )
    const kept = answers.filter(({ status }) => status === 200)
    // Held is what the callers say that their bodies are, a little more than their files.
    expect(kept.length).toBeGreaterThanOrEqual(least)
    expect(kept.length).toBeLessThanOrEqual(most)
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectRefused(answer, 409)
      expect(answer.error?.reason).toBe('STORAGE_QUOTA_EXCEEDED')
    }
    await expectUsage(server, userId, kept.length, kept.length * bytes)
    for (const { data } of kept) {
      expectOk(await mutate(server.baseUrl, 'files.delete', { id: field(data, 'id') }, { token }))
    }
    // What is deleted counts no more, at once.
    expectOk(await tryUpload(server, randomFile(90_000), { token }))
    await expectUsage(server, userId, 1, 90_000)
  })
})

async function expectUsage(server: TestServer, userId: string, files: number, bytes: number): Promise<void> {
  const { prisma } = server.database
  expect(await prisma.storageUsage.findUnique({ where: { userId } })).toEqual({
    userId,
    files,
    bytes: BigInt(bytes),
  })
  const stored = await prisma.file.aggregate({
    where: { ownerId: userId, state: { not: 'deleting' } },
    _sum: { bytes: true },
    _count: true,
  })
  expect(stored).toEqual({ _sum: { bytes: BigInt(bytes) }, _count: files })
}
