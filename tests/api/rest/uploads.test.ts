import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoEffect } from '../../support/no-effect.ts'
import { expectDone, expectProblem, type RestOptions, rest, text } from '../../support/rest.ts'
import { until } from '../../support/until.ts'
import { createWorld, type World } from '../../support/world.ts'
import { randomFile, tracesOf } from '../files/support.ts'

let world: World
let base: string

beforeAll(async () => {
  world = await createWorld()
  base = world.server.baseUrl
})
afterAll(() => world[Symbol.asyncDispose]())

function form(file: File | undefined, fields: Record<string, string> = {}): FormData {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  if (file !== undefined) body.append('file', file)
  return body
}

const upload = (
  body: FormData,
  name: 'editor' | 'viewer' | 'anonymous' = 'editor',
  options: RestOptions = {},
) => rest(base, 'POST /files', { token: world.principals[name].token, body, ...options })

test('a file is 201 with its address, and is downloaded as it was', async () => {
  const file = randomFile(300_000, 'Größe 📄.bin')
  const made = expectDone(await upload(form(file, { projectId: world.alpha.projectId })), 201)
  const bytes = Buffer.from(await file.arrayBuffer())
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(made.body).toMatchObject({ name: 'Größe 📄.bin', bytes: 300_000, sha256 })
  const id = String(text(made, 'id'))
  expect(made.headers.get('location')).toBe(`/api/v1/files/${id}`)
  const { token } = world.principals.viewer
  expect(expectDone(await rest(base, `GET /files/${id}`, { token }), 200).body).toEqual(made.body)
  const read = await fetch(`${base}/files/${id}`, { headers: { authorization: `Bearer ${token ?? ''}` } })
  expect(Buffer.compare(Buffer.from(await read.arrayBuffer()), bytes)).toBe(0)
})

test('an idempotency key gives the same file again', async () => {
  const headers = { 'idempotency-key': randomUUID() }
  const file = randomFile(1_000)
  const first = expectDone(await upload(form(file), 'editor', { headers }), 201)
  const second = expectDone(await upload(form(file), 'editor', { headers }), 201)
  expect([second.body, second.headers.get('location')]).toEqual([first.body, first.headers.get('location')])
  expectProblem(await upload(form(randomFile(1_000)), 'editor', { headers }), 422, {
    reason: 'IDEMPOTENCY_MISMATCH',
  })
})

describe('what is refused leaves nothing behind', () => {
  const big = () => form(randomFile(10), { projectId: randomUUID() })
  test.each([
    ['nobody', () => upload(form(randomFile(10)), 'anonymous'), 401, {}],
    ['nobody, with much to send', () => upload(form(randomFile(8_000_000)), 'anonymous'), 401, {}],
    ['a viewer', () => upload(form(randomFile(10), { projectId: world.alpha.projectId }), 'viewer'), 403, {}],
    ['a project that is not there', () => upload(big()), 404, {}],
    ['no file', () => upload(form(undefined, { name: 'x' })), 400, { issues: [{ field: 'file' }] }],
    [
      'another field',
      () => upload(form(randomFile(10), { nothing: 'x' })),
      400,
      { issues: [{ field: 'nothing' }] },
    ],
    [
      'a query string',
      () =>
        rest(base, 'POST /files?projectId=1', {
          token: world.principals.editor.token,
          body: form(randomFile(10)),
        }),
      400,
      { issues: [{ field: 'projectId', message: 'There is no such field.' }] },
    ],
  ] as const)('%s', async (_what, send, status, members) => {
    const before = await tracesOf(world.server)
    expectProblem(await expectNoEffect(world.server.database, send), status, members)
    await until('the same traces as before', async () => {
      const { files, rows, usage } = await tracesOf(world.server)
      return files === before.files && rows === before.rows && usage === before.usage ? true : undefined
    })
  })
})
