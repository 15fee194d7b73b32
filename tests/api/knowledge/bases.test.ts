import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { field, mutate, query } from '../../support/http.ts'
import { addPerson, textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { addTeam, createBase, type Team } from './support.ts'

let server: TestServer
let team: Team

beforeAll(async () => {
  server = await startServer()
  team = await addTeam(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const as = (token: string) => ({ token })

test('a base of one’s own is there for nobody else', async () => {
  const ada = await addPerson(server, 'ada')
  const id = await createBase(server, ada.token)
  const got = expectOk(await query(server.baseUrl, 'knowledgeBases.get', { id }, as(ada.token)))
  expect(got.data).toEqual({
    id,
    name: 'Handbook',
    projectId: null,
    ownerId: ada.id,
    documents: 0,
    embedding: null,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  })
  for (const { token } of [team.owner, team.stranger]) {
    expectRefused(await query(server.baseUrl, 'knowledgeBases.get', { id }, as(token)), 404)
    expectRefused(await mutate(server.baseUrl, 'knowledgeBases.delete', { id }, as(token)), 404)
  }
})

test('a project’s base is read by members and changed by editors', async () => {
  const { projectId, owner, editor, viewer, stranger } = team
  const refusedTo = (token: string) =>
    mutate(server.baseUrl, 'knowledgeBases.create', { name: 'x', projectId }, as(token))
  expectRefused(await refusedTo(viewer.token), 403)
  expectRefused(await refusedTo(stranger.token), 404)
  const id = await createBase(server, editor.token, projectId)
  for (const { token } of [owner, editor, viewer])
    expectOk(await query(server.baseUrl, 'knowledgeBases.get', { id }, as(token)))
  const rename = (token: string) =>
    mutate(server.baseUrl, 'knowledgeBases.update', { id, data: { name: 'Rules' } }, as(token))
  expectRefused(await rename(viewer.token), 403)
  expectRefused(await rename(stranger.token), 404)
  expect(textOf(expectOk(await rename(owner.token)), 'name')).toBe('Rules')
  expectRefused(await mutate(server.baseUrl, 'knowledgeBases.delete', { id }, as(viewer.token)), 403)
  expectOk(await mutate(server.baseUrl, 'knowledgeBases.delete', { id }, as(editor.token)))
  for (const { token } of [owner, editor, viewer])
    expectRefused(await query(server.baseUrl, 'knowledgeBases.get', { id }, as(token)), 404)
})

test('a list shows one’s own and those of one’s projects, page by page, while the project is there', async () => {
  const eve = await addTeam(server)
  const own = await createBase(server, eve.owner.token)
  const first = await createBase(server, eve.owner.token, eve.projectId)
  const second = await createBase(server, eve.editor.token, eve.projectId)
  const idsOf = async (token: string, input: object): Promise<unknown[]> => {
    const { data } = expectOk(await query(server.baseUrl, 'knowledgeBases.list', input, as(token)))
    const rows = field(data, 'data')
    return Array.isArray(rows) ? rows.map((row) => field(row, 'id')) : []
  }
  expect(await idsOf(eve.owner.token, {})).toEqual([second, first, own])
  expect(await idsOf(eve.viewer.token, {})).toEqual([second, first])
  expect(await idsOf(eve.owner.token, { projectId: eve.projectId })).toEqual([second, first])
  const page = expectOk(
    await query(server.baseUrl, 'knowledgeBases.list', { limit: 1 }, as(eve.viewer.token)),
  )
  const cursor = textOf(page, 'pagination', 'nextCursor')
  expect(await idsOf(eve.viewer.token, { limit: 1, cursor })).toEqual([first])
  const stranger = { projectId: eve.projectId }
  expectRefused(await query(server.baseUrl, 'knowledgeBases.list', stranger, as(team.owner.token)), 404)
  const { projectId } = eve
  expectOk(await mutate(server.baseUrl, 'projects.delete', { id: projectId }, as(eve.owner.token)))
  expect(await idsOf(eve.viewer.token, {})).toEqual([])
  expectOk(await mutate(server.baseUrl, 'projects.restore', { id: projectId }, as(eve.owner.token)))
  expect(await idsOf(eve.viewer.token, {})).toEqual([second, first])
})

test('there are at most a hundred of one user, however many are made at once', async () => {
  const ada = await addPerson(server, 'ada')
  const data = Array.from({ length: 98 }, () => ({ name: 'x', ownerId: ada.id }))
  await server.database.prisma.knowledgeBase.createMany({ data })
  const make = () => mutate(server.baseUrl, 'knowledgeBases.create', { name: 'x' }, as(ada.token))
  const answers = await Promise.all(Array.from({ length: 6 }, make))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
  for (const answer of answers.filter(({ status }) => status !== 200))
    expect(expectRefused(answer, 409).error?.reason).toBe('TOO_MANY_KNOWLEDGE_BASES')
})
