import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { field, mutate, send } from '../../support/http.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { addPerson, type LogIn, logIn, type Person } from '../../support/people.ts'
import { rawRequest, sendRaw } from '../../support/raw-http.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { timed, until } from '../../support/until.ts'
import { download, randomFile, type Traces, tracesOf, tryUpload } from './support.ts'

const B = 'boundary42'
let server: TestServer
let owner: Person & LogIn
let calm: Traces

beforeAll(async () => {
  server = await startServer()
  liftLimits(server)
  owner = await addPerson(server, 'owner')
  calm = await tracesOf(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const part = (disposition: string, body: string, type = '') =>
  `--${B}\r\nContent-Disposition: form-data; ${disposition}\r\n${type === '' ? '' : `Content-Type: ${type}\r\n`}\r\n${body}\r\n`
const file = (name = 'a.txt', body = 'text', type = 'text/plain') =>
  part(`name="file"; filename="${name}"`, body, type)
const form = (...parts: string[]) => `${parts.join('')}--${B}--\r\n`

function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = 'files.upload',
) {
  return send(`${server.baseUrl}/trpc/${path}`, {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${B}`,
      authorization: `Bearer ${owner.token}`,
      ...headers,
    },
    body,
  })
}

async function expectCalm(): Promise<void> {
  await until(
    'nothing is left',
    async () => (JSON.stringify(await tracesOf(server)) === JSON.stringify(calm) ? true : undefined),
    // Five seconds on a machine that has nothing else to do.
    15_000,
  ).catch(async () => expect(await tracesOf(server)).toEqual(calm))
}

describe('bodies that are not what they should be leave nothing', () => {
  test.each<[string, string, number, string?]>([
    ['no file', form(part('name="projectId"', '00000000-0000-4000-8000-000000000000')), 400, 'file'],
    ['nothing at all', form(), 400],
    ['not a form', 'hello', 400],
    ['an empty body', '', 400],
    ['two files', form(file(), file('b.txt')), 400, 'file'],
    ['two files of the same name', form(file(), file()), 400, 'file'],
    ['a file in another field', form(part('name="photo"; filename="x"', 'x')), 400, 'photo'],
    ['a second file in another field', form(file(), part('name="photo"; filename="x"', 'x')), 400],
    ['a field that does not exist', form(part('name="colour"', 'red'), file()), 400, 'colour'],
    ['the same field twice', form(part('name="projectId"', 'x'), part('name="projectId"', 'y'), file()), 400],
    ['__proto__', form(part('name="__proto__"', '{"polluted":1}'), file()), 400, '__proto__'],
    ['a nested name', form(part('name="constructor.prototype.x"', '1'), file()), 400],
    ['a file called __proto__', form(part('name="__proto__"; filename="x"', 'x')), 400, '__proto__'],
    ['a name of 5 kB', form(file(`${'n'.repeat(5_000)}.txt`)), 400, 'file'],
    ['a field name of 5 kB', form(part(`name="${'n'.repeat(5_000)}"`, 'x'), file()), 400],
    ['a field that is no UUID', form(part('name="projectId"', 'x'), file()), 400, 'projectId'],
    [
      'a field that is too long',
      form(part('name="projectId"', 'x'.repeat(20_000)), file()),
      400,
      'projectId',
    ],
    [
      '1,000 fields',
      form(...Array.from({ length: 1_000 }, (_, n) => part(`name="f${n}"`, 'x')), file()),
      400,
    ],
    ['a part header of 1 MB', form(part(`x="${'x'.repeat(60_000)}"; name="file"`, 'x')), 400],
    ['a part without a name', form(`--${B}\r\n\r\nx\r\n`), 400],
    ['no final boundary', file(), 400],
    [
      'a file in an unknown project',
      form(part('name="projectId"', '00000000-0000-4000-8000-000000000000'), file()),
      404,
    ],
  ])('%s', async (_what, body, status, name) => {
    const answer = expectRefused(await post(body), status)
    if (name !== undefined) expect(answer.error?.issues.map((issue) => issue.field)).toContain(name)
    await expectCalm()
  })

  test.each([
    ['', 415],
    ['multipart/form-data', 415],
    ['multipart/form-data; boundary=', 400],
    [`multipart/form-data; boundary=${'b'.repeat(1_000)}`, 400],
    [`multipart/form-data; boundary=other`, 400],
    ['multipart/mixed; boundary=boundary42', 415],
    ['application/json', 415],
    ['application/x-www-form-urlencoded', 415],
  ])('T5 as %j', async (type, status) => {
    expectRefused(await post(form(file()), { 'content-type': type }), status)
    await expectCalm()
  })

  test('T5 a form is refused where no file is taken', async () => {
    expectRefused(await post(form(file()), {}, 'projects.create'), 415)
    expectRefused(await post(form(file()), {}, 'files.delete'), 415)
    expectRefused(await post(form(file()), {}, 'files.upload?batch=1'), 415)
    expectRefused(await post(form(file()), { 'content-encoding': 'gzip' }), 415)
    await expectCalm()
  })

  test('the polluted prototype is not there', () => {
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test('fields may come before the file or after it', async () => {
    const project = await server.database.prisma.project.create({
      data: {
        name: 'Order',
        slug: `order-${owner.id}`,
        members: { create: { userId: owner.id, role: 'owner' } },
      },
    })
    const id = part('name="projectId"', project.id)
    for (const body of [form(id, file()), form(file(), id)]) {
      const { data } = expectOk(await post(body))
      expect(field(data, 'projectId')).toBe(project.id)
    }
    await server.database.pool.query("UPDATE files SET state = 'deleting', due_at = now()")
    await server.app.files.collect()
    await server.database.prisma.project.delete({ where: { id: project.id } })
    await expectCalm()
  })

  test('a refused caller is not read: the answer comes before the body', async () => {
    const head = (token: string) =>
      rawRequest('POST /trpc/files.upload HTTP/1.1', [
        `Content-Type: multipart/form-data; boundary=${B}`,
        'Content-Length: 20000000',
        `Authorization: Bearer ${token}`,
      ])
    const { answer, ms } = await timed(() => sendRaw(server.baseUrl, head('made-up'), { headOnly: true }))
    expect(answer.status).toBe(401)
    expect(ms).toBeLessThan(2_000)
    const huge = head(owner.token).replace('20000000', '99999999999')
    expect((await sendRaw(server.baseUrl, huge, { headOnly: true })).status).toBe(413)
    await expectCalm()
  })

  test('U1 a Content-Length that lies is 400 or ends with the connection', async () => {
    const body = form(file('a.txt', 'x'.repeat(5_000)))
    const head = (length: number) =>
      rawRequest(
        'POST /trpc/files.upload HTTP/1.1',
        [
          `Content-Type: multipart/form-data; boundary=${B}`,
          `Content-Length: ${length}`,
          `Authorization: Bearer ${owner.token}`,
        ],
        body,
      )
    expect((await sendRaw(server.baseUrl, head(100), { headOnly: true })).status).toBe(400)
    expect((await sendRaw(server.baseUrl, head(4_000), { headOnly: true })).status).toBe(400)
    // Waits for the rest, which does not come; whoever leaves is forgotten.
    await sendRaw(server.baseUrl, head(1_000_000), { withinMs: 300 })
    await expectCalm()
  })

  test('U1 sixty uploads cut anywhere leave no file, no row, no descriptor', async () => {
    const content = randomBytes(300_000)
    const body = Buffer.concat([
      Buffer.from(`--${B}\r\nContent-Disposition: form-data; name="file"; filename="x.bin"\r\n\r\n`),
      content,
      Buffer.from(`\r\n--${B}--\r\n`),
    ])
    const head = Buffer.from(
      rawRequest('POST /trpc/files.upload HTTP/1.1', [
        `Content-Type: multipart/form-data; boundary=${B}`,
        `Content-Length: ${body.length}`,
        `Authorization: Bearer ${owner.token}`,
      ]),
    )
    const cut = async (at: number) => {
      const bytes = Buffer.concat([head, body.subarray(0, at)])
      await sendRaw(server.baseUrl, bytes, { withinMs: 20 + Math.floor(Math.random() * 100) })
    }
    for (let round = 0; round < 6; round += 1) {
      await Promise.all(Array.from({ length: 10 }, () => cut(Math.floor(Math.random() * (body.length - 1)))))
    }
    await expectCalm()
  })
})

test('A15 a session that ends while its file comes in keeps nothing', async () => {
  const { token } = await logIn(server, owner.email)
  const uploading = request(`${server.baseUrl}/trpc/files.upload`, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${B}`, authorization: `Bearer ${token}` },
  })
  const answered = once(uploading, 'response')
  const [begin, rest] = [form(file()).slice(0, -10), form(file()).slice(-10)]
  uploading.write(begin)
  await until('room is held', async () => ((await tracesOf(server)).rows > calm.rows ? true : undefined))
  expectOk(await mutate(server.baseUrl, 'auth.logout', undefined, { token }))
  uploading.end(rest)
  const [answer]: { statusCode?: number; resume(): void }[] = await answered
  answer?.resume()
  expect(answer?.statusCode).toBe(401)
  await expectCalm()
})

describe('U2 names are data', () => {
  test.each([
    ['../../etc/x', 'x'],
    ['..\\..\\x', 'x'],
    ['%2e%2e/x', 'x'],
    ['/abs/x', 'x'],
    ['a\0.bin', 'a.bin'],
    ['CON', 'CON'],
    ['.htaccess', '.htaccess'],
    ['..', 'file'],
    ['x\u202egnp.bin', 'xgnp.bin'],
    ['"; filename=x', '%22; filename=x'],
    ['ünï – 📄.bin', 'ünï – 📄.bin'],
    ["it's; a, test.bin", "it's; a, test.bin"],
  ])('%j', async (given, kept) => {
    const answer = expectOk(await tryUpload(server, randomFile(20, given), { token: owner.token }))
    expect(field(answer.data, 'name')).toBe(kept)
    const id = String(field(answer.data, 'id'))
    const read = await download(server, id, owner.token)
    const disposition = read.headers.get('content-disposition') ?? ''
    await read.arrayBuffer()
    expect(disposition).toMatch(/^attachment; filename/)
    expect(disposition).toMatch(/^[\x20-\x7e]+$/)
    expect(read.headers.get('set-cookie')).toBeNull()
    // The storage holds generated names only.
    const rows = await server.database.prisma.file.findMany({ select: { id: true } })
    expect(rows.map((row) => row.id)).toContain(id)
  })

  test('a header inside a name stays where it is', async () => {
    const raw = form(file('"; filename=x\r\nSet-Cookie: a=b'))
    const answer = await post(raw)
    expect([200, 400]).toContain(answer.status)
    expect(answer.headers.get('set-cookie')).toBeNull()
  })
})

describe('U3 content decides the type', () => {
  const PNG = Buffer.from(
    '89504e470d0a1a0a0000000d494844520000000100000001080600000 01f15c4890000000a49444154789c6300010000050001'.replaceAll(
      ' ',
      '',
    ),
    'hex',
  )
  const EXE = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200, 1)])
  const ZIP = Buffer.concat([Buffer.from('504b0304140000000000', 'hex'), Buffer.alloc(50)])

  test.each<[string, string, Uint8Array<ArrayBuffer> | string, string]>([
    ['a.png', 'image/png', Buffer.from(PNG), 'image/png'],
    ['a.bin', '', Buffer.from(PNG), 'image/png'],
    ['a.txt', 'text/plain', 'plain words', 'text/plain'],
    ['a.csv', 'text/csv', 'a,b\r\n1,2', 'text/csv'],
    ['a.md', 'text/markdown', '<html> in markdown', 'text/html'],
    ['a.json', 'application/json', '{"a":1}', 'application/json'],
    ['a.html', 'text/html', '<!-- x --><!DOCTYPE html><p>', 'text/html'],
    ['a.svg', 'image/svg+xml', '<?xml version="1.0"?><svg/>', 'image/svg+xml'],
    ['a.zip', 'application/x-zip-compressed', Buffer.from(ZIP), 'application/zip'],
    ['a.exe', 'application/x-msdownload', Buffer.from(EXE), 'application/x-msdownload'],
    ['a.unknown', 'application/x-of-our-own', 'words', 'text/plain'],
    ['a.txt', 'text/plain', Buffer.from('\ufeffaä', 'utf16le'), 'text/plain'],
    ['a.csv', 'text/csv', Buffer.from('Größe;Straße\r\n1;é', 'latin1'), 'text/csv'],
  ])('%s as %s is kept', async (name, type, content, told) => {
    const answer = expectOk(
      await tryUpload(server, new File([content], name, { type }), { token: owner.token }),
    )
    expect(field(answer.data, 'type')).toBe(told)
  })

  test.each<[string, string, Uint8Array<ArrayBuffer> | string]>([
    ['a.png', 'image/png', Buffer.from(EXE)],
    ['a.png', '', Buffer.from(EXE)],
    ['a.txt', 'text/plain', '<script>alert(1)</script>'],
    ['a.txt', 'text/plain', '  <!doctype html><body>'],
    ['a.txt', 'text/plain', Buffer.from('<script>"é"</script>', 'latin1')],
    ['a.txt', 'text/plain', Buffer.from([0xf7, 1, 2, 3])],
    ['a.txt', 'text/plain', Buffer.from(EXE)],
    ['a.csv', '', '<?xml version="1.0"?><svg onload="x"/>'],
    ['a.pdf', 'application/pdf', 'not a pdf'],
    ['a.jpg', 'image/jpeg', Buffer.from(PNG)],
    ['a.zip', 'application/zip', 'no archive'],
    ['a.docx', 'image/png', Buffer.from(ZIP)],
  ])('%s as %j is refused when its content is another', async (name, type, content) => {
    const before = await tracesOf(server)
    const answer = await tryUpload(server, new File([content], name, { type }), { token: owner.token })
    expectRefused(answer, 415)
    expect(answer.error?.reason).toBe('FILE_TYPE_REFUSED')
    expect(answer.error?.issues[0]?.field).toBe('file')
    expect(await tracesOf(server)).toEqual(before)
  })
})
