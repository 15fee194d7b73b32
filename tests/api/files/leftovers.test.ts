import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSweeper, transaction } from '../../../server/src/platform/database/index.ts'
import { retention } from '../../../server/src/retention.ts'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { query } from '../../support/http.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { addPerson, type LogIn, type Person } from '../../support/people.ts'
import { rawRequest, sendRaw } from '../../support/raw-http.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'
import { download, randomFile, tracesOf, tryUpload, uploadOk } from './support.ts'

let server: TestServer
let owner: Person & LogIn

beforeAll(async () => {
  server = await startServer({ variables: { UPLOAD_TIMEOUT_MS: '1000' } })
  liftLimits(server)
  owner = await addPerson(server, 'owner')
})
afterAll(() => server[Symbol.asyncDispose]())

/** Bytes where a file with this id has them, as if written so long ago. */
async function putBytes(id: string, ageMs: number): Promise<string> {
  const place = path.join(server.config.storage.directory, 'files', id.slice(-2), id)
  await mkdir(path.dirname(place), { recursive: true })
  await writeFile(place, 'left over')
  const then = new Date(Date.now() - ageMs)
  await utimes(place, then, then)
  return place
}

const isThere = (place: string) =>
  readFile(place).then(
    () => true,
    () => false,
  )

describe('F3 what a crash leaves is removed', () => {
  test('an upload whose process died before the commit, bytes and row', async () => {
    const id = randomUUID()
    const place = await putBytes(id, 0)
    const data = { id, ownerId: owner.id, purpose: '', name: '', type: '', bytes: 9n }
    await server.database.prisma.file.create({
      data: { ...data, state: 'uploading', dueAt: new Date(Date.now() - 1_000) },
    })
    expect(await server.database.prisma.storageUsage.count({ where: { userId: owner.id } })).toBe(1)
    await server.app.files.collect()
    expect(await isThere(place)).toBe(false)
    expect(await server.database.prisma.file.count({ where: { id } })).toBe(0)
    expect(await server.database.prisma.storageUsage.count({ where: { userId: owner.id } })).toBe(0)
  })

  test('an upload that goes on is left alone', async () => {
    const id = randomUUID()
    const place = await putBytes(id, 0)
    const data = { id, ownerId: owner.id, purpose: '', name: '', type: '', bytes: 9n }
    await server.database.prisma.file.create({
      data: { ...data, state: 'uploading', dueAt: new Date(Date.now() + 30_000) },
    })
    await server.app.files.collect()
    expect(await isThere(place)).toBe(true)
    await server.database.prisma.file.update({ where: { id }, data: { dueAt: new Date(0) } })
    await server.app.files.collect()
    expect(await isThere(place)).toBe(false)
  })

  test('bytes without any row go after an hour, and no others', async () => {
    const [old, young] = [await putBytes(randomUUID(), 3_700_000), await putBytes(randomUUID(), 3_500_000)]
    const foreign = [await putBytes('lost+found', 3_700_000), await putBytes('.nfs0001', 3_700_000)]
    const id = await uploadOk(server, randomFile(100), owner.token)
    expect(await server.app.files.reconcile()).toBe(1)
    expect([await isThere(old), await isThere(young)]).toEqual([false, true])
    expect(await Promise.all(foreign.map(isThere))).toEqual([true, true])
    expect((await download(server, id, owner.token)).status).toBe(200)
  })
})

test('files of old reports go, and those of accounts long deleted that nobody else may read', async () => {
  const { prisma } = server.database
  const gone = await addPerson(server, 'gone')
  const projectId = randomUUID()
  await prisma.project.create({ data: { id: projectId, name: 'Kept', slug: projectId } })
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000)
  const add = async (ownerId: string, purpose: string, days: number, of?: string) => {
    const createdAt = ago(days)
    const data = { ownerId, purpose, createdAt, name: 'x', type: 'x', bytes: 5n, sha256: 'x' }
    const { id } = await prisma.file.create({ data: { ...data, state: 'stored', projectId: of ?? null } })
    return { id, place: await putBytes(id, 0) }
  }
  const report = (days: number) => ({ projectId, jobId: randomUUID(), createdAt: ago(days) })
  await prisma.report.createMany({ data: [report(91), report(89)] })
  await prisma.user.update({ where: { id: gone.id }, data: { deletedAt: ago(31) } })
  const going = [await add(owner.id, 'report', 91, projectId), await add(gone.id, 'upload', 40)]
  const staying = [
    await add(owner.id, 'report', 89, projectId),
    await add(owner.id, 'upload', 400),
    await add(gone.id, 'upload', 400, projectId),
  ]
  const logger = { info() {}, warn() {}, error() {} }
  expect(await createSweeper(server.database, retention, logger).sweep()).toBe(3)
  await server.app.files.collect()
  const left = await prisma.file.findMany({
    where: { id: { in: [...going, ...staying].map(({ id }) => id) } },
  })
  expect(left.map(({ id }) => id).sort()).toEqual(staying.map(({ id }) => id).sort())
  expect(await Promise.all([...going, ...staying].map(({ place }) => isThere(place)))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ])
  expect(await prisma.report.count({ where: { projectId } })).toBe(1)
})

describe('files that the server makes', () => {
  const generated = () => ({
    ownerId: owner.id,
    purpose: 'report',
    name: 'figures.csv',
    type: 'text/csv',
    body: (async function* () {
      yield Buffer.from('a,b\n')
      yield Buffer.from('1,2\n')
    })(),
  })

  test('are kept with the transaction that makes them known', async () => {
    const { files } = server.app
    const file = await files.save(generated(), (keep) => transaction(server.database, (db) => keep({ db })))
    expect(file).toMatchObject({ name: 'figures.csv', type: 'text/csv', bytes: 8, purpose: 'report' })
    expect(await (await download(server, file.id, owner.token)).text()).toBe('a,b\n1,2\n')
    const listed = await query(server.baseUrl, 'files.list', {}, { token: owner.token })
    expect(listed.text).toContain(file.id)
  })

  test('are gone when that fails, or nobody keeps them', async () => {
    const before = await tracesOf(server)
    const { files } = server.app
    const failing = files.save(generated(), (keep) =>
      transaction(server.database, async (db) => {
        await keep({ db })
        throw new Error('the report was not to be')
      }),
    )
    await expect(failing).rejects.toThrow('the report was not to be')
    await files.save(generated(), async () => undefined)
    expect(await tracesOf(server)).toEqual(before)
  })
})

test('one user’s uploads, however slow, leave places for others, and never more come than there are', async () => {
  await using small = await startServer({ variables: { MAX_UPLOADS: '8' } })
  liftLimits(small)
  const [greedy, other] = [await addPerson(small, 'greedy'), await addPerson(small, 'other')]
  const { uploads } = small.app.files
  const wanted = { maxBytes: 1_000, declaredBytes: 1_000 }
  const tries = (userId: string, count: number) =>
    Promise.allSettled(Array.from({ length: count }, () => uploads.open({ userId }, wanted)))
  const greedyOnes = await tries(greedy.id, 20)
  const opened = greedyOnes.filter((result) => result.status === 'fulfilled')
  expect(opened).toHaveLength(2)
  expectOk(await tryUpload(small, randomFile(100), { token: other.token }))
  const refused = await tryUpload(small, randomFile(100), { token: greedy.token })
  expectRefused(refused, 503)
  expect(refused.error?.reason).toBe('OVERLOADED')
  await Promise.all(opened.map(({ value }) => value.release(false)))
  expectOk(await tryUpload(small, randomFile(100), { token: greedy.token }))
})

test('T8 an upload that takes too long is told so, and leaves nothing', async () => {
  const before = await tracesOf(server)
  const head = rawRequest('POST /trpc/files.upload HTTP/1.1', [
    'Content-Type: multipart/form-data; boundary=b',
    'Content-Length: 5000000',
    `Authorization: Bearer ${owner.token}`,
  ])
  const start = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nsome bytes'
  const answer = await sendRaw(server.baseUrl, head + start, { headOnly: true, withinMs: 10_000 })
  expect(answer.status).toBe(408)
  await until('nothing is left', async () =>
    JSON.stringify(await tracesOf(server)) === JSON.stringify(before) ? true : undefined,
  )
  expect(await readdir(path.join(server.config.storage.directory, '.incoming'))).toEqual([])
})
