import type { ModuleNames } from '../module-names.ts'

/** `tests/api/<plural>/<plural>.test.ts`. */
export const testTemplate = ({
  router,
  one,
  many,
}: ModuleNames): string => `import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { mutate, query } from '../../support/http.ts'
import { textOf } from '../../support/people.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const asEditor = () => ({ token: world.principals.editor.token })
const asViewer = () => ({ token: world.principals.viewer.token })
const asStranger = () => ({ token: world.principals.stranger.token })

const create = (name: string, projectId = world.alpha.projectId) =>
  mutate(world.server.baseUrl, '${router}.create', { projectId, name }, asEditor())

test('${one} goes through its life', async () => {
  const { baseUrl } = world.server
  const made = expectOk(await create('First'))
  const id = textOf(made, 'id')
  expect(made.data).toMatchObject({ name: 'First', createdById: world.principals.editor.id, version: 1 })
  const seen = expectOk(await query(baseUrl, '${router}.get', { id }, asViewer()))
  expect(seen.data).toEqual(made.data)
  const input = { id, data: { name: 'Second' }, version: 1 }
  const changed = expectOk(await mutate(baseUrl, '${router}.update', input, asEditor()))
  expect(changed.data).toMatchObject({ name: 'Second', version: 2 })
  const late = await mutate(baseUrl, '${router}.update', input, asEditor())
  expectRefused(late, 409)
  expectOk(await mutate(baseUrl, '${router}.delete', { id }, asEditor()))
  expectRefused(await query(baseUrl, '${router}.get', { id }, asEditor()), 404)
  expectRefused(await mutate(baseUrl, '${router}.delete', { id }, asEditor()), 404)
})

test('${many} are listed newest first, page after page', async () => {
  const { baseUrl } = world.server
  const { projectId } = await world.project()
  for (const name of ['one', 'two', 'three']) expectOk(await create(name, projectId))
  const names: unknown[] = []
  let cursor: unknown
  do {
    const page = await query(baseUrl, '${router}.list', { projectId, limit: 2, cursor }, asViewer())
    const { data, pagination } = Object(expectOk(page).data)
    for (const { name } of data) names.push(name)
    cursor = pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(names).toEqual(['three', 'two', 'one'])
})

test('viewers read, strangers see nothing', async () => {
  const { baseUrl } = world.server
  const id = textOf(await create('Secret'), 'id')
  const change = { id, data: { name: 'Mine' } }
  expectRefused(await mutate(baseUrl, '${router}.update', change, asViewer()), 403)
  expectRefused(await mutate(baseUrl, '${router}.update', change, asStranger()), 404)
  expectRefused(await mutate(baseUrl, '${router}.delete', { id }, asStranger()), 404)
  expectRefused(await query(baseUrl, '${router}.get', { id }, asStranger()), 404)
  const { projectId } = world.alpha
  expectRefused(await query(baseUrl, '${router}.list', { projectId }, asStranger()), 404)
})
`
