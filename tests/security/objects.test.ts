import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inputFieldsOf, registryOf } from '../../server/src/contract/registry.ts'
import { examples } from '../support/examples/index.ts'
import { expectClean, expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, mutate, query } from '../support/http.ts'
import { liftLimits } from '../support/lift-limits.ts'
import { expectNoEffect, snapshot } from '../support/no-effect.ts'
import { newAddress, textOf } from '../support/people.ts'
import { weakestAllowed } from '../support/principals.ts'
import { closedShape, keysBeyond } from '../support/schema-shape.ts'
import { CANARY, createWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
  // So many calls by so few people are more than anybody may make.
  liftLimits(world.server)
}, 60_000)
afterAll(() => world[Symbol.asyncDispose]())

const bare = ({ text }: Answer) => text.replaceAll(/"(traceId|requestId)":"[^"]*"/g, '')

describe('Z3 other people’s ids look like missing ones', () => {
  test('a task and a person of another project cannot be mixed into one’s own', async () => {
    const { principals, beta, alpha, server } = world
    const as = { token: principals.otherOwner.token }
    const outsider = principals.viewer.id
    const calls: readonly (readonly [string, unknown])[] = [
      ['tasks.create', { projectId: beta.projectId, title: 'T', assigneeId: outsider }],
      ['tasks.update', { id: beta.taskId, data: { assigneeId: outsider } }],
      ['tasks.createMany', { projectId: beta.projectId, tasks: [{ title: 'T', assigneeId: outsider }] }],
      ['tasks.update', { id: alpha.taskId, data: { title: 'Mine' } }],
      ['projects.members.setRole', { projectId: beta.projectId, userId: outsider, role: 'owner' }],
      ['projects.members.remove', { projectId: beta.projectId, userId: outsider }],
      ['projects.members.remove', { projectId: alpha.projectId, userId: principals.otherOwner.id }],
    ]
    for (const [path, input] of calls) {
      const known = await expectNoEffect(server.database, () => mutate(server.baseUrl, path, input, as))
      const random = JSON.parse(
        JSON.stringify(input)
          .replaceAll(outsider, randomUUID())
          .replaceAll(alpha.taskId, randomUUID())
          .replaceAll(alpha.projectId, randomUUID()),
      )
      const missing = await mutate(server.baseUrl, path, random, as)
      expectRefused(known, [400, 404])
      // The refused value may be said again; nothing else may differ.
      const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g
      expect(bare(known).replaceAll(uuid, ''), path).toBe(bare(missing).replaceAll(uuid, ''))
    }
  })

  test('a cursor of somebody else’s list shows only one’s own rows', async () => {
    const { server, alpha, beta, principals } = world
    for (let count = 0; count < 3; count += 1) {
      const input = { projectId: alpha.projectId, title: `${CANARY} ${count}` }
      expectOk(await mutate(server.baseUrl, 'tasks.create', input, { token: principals.editor.token }))
    }
    const page = expectOk(
      await query(
        server.baseUrl,
        'tasks.list',
        { projectId: alpha.projectId, limit: 1 },
        { token: principals.editor.token },
      ),
    )
    const cursor = textOf(page, 'pagination', 'nextCursor')
    const as = { token: principals.otherOwner.token }
    const stolen = await query(
      server.baseUrl,
      'tasks.list',
      { projectId: beta.projectId, limit: 1, cursor },
      as,
    )
    expectClean(stolen)
    expect(stolen.text.replaceAll(beta.projectId, '')).not.toContain(alpha.projectId)
    expectRefused(
      await query(server.baseUrl, 'tasks.list', { projectId: alpha.projectId, limit: 1, cursor }, as),
      404,
    )
  })

  test('a deleted project is a missing one to everybody but the owner who restores it', async () => {
    const { server, principals } = world
    const { projectId, taskId } = await world.project()
    expectOk(
      await mutate(server.baseUrl, 'projects.delete', { id: projectId }, { token: principals.owner.token }),
    )
    for (const name of ['viewer', 'editor', 'owner', 'superAdmin', 'stranger'] as const) {
      const as = { token: principals[name].token }
      expectRefused(await query(server.baseUrl, 'projects.get', { id: projectId }, as), 404)
      expectRefused(await query(server.baseUrl, 'tasks.get', { id: taskId }, as), 404)
      expectRefused(await query(server.baseUrl, 'tasks.list', { projectId }, as), 404)
      expectRefused(await mutate(server.baseUrl, 'tasks.create', { projectId, title: 'T' }, as), 404)
      if (name !== 'owner') {
        expectRefused(await mutate(server.baseUrl, 'projects.restore', { id: projectId }, as), [403, 404])
      }
    }
    expectOk(
      await mutate(server.baseUrl, 'projects.restore', { id: projectId }, { token: principals.owner.token }),
    )
  })
})

describe('Z4 nothing of one project reaches another', () => {
  test('every list and search as a stranger and as another’s owner is without the canary', async () => {
    const { server, principals } = world
    for (const name of ['stranger', 'otherOwner', 'removedMember', 'superAdmin'] as const) {
      const as = { token: principals[name].token, headers: newAddress() }
      for (const search of [undefined, 'canary', CANARY, '', '%', 'p-']) {
        const list = await query(server.baseUrl, 'projects.list', { search, limit: 100, page: 1 }, as)
        expect(expectClean(list, { large: true }).text).not.toContain(world.alpha.projectId)
      }
    }
  })

  test('counts are of one’s own', async () => {
    const { server, principals } = world
    const as = { token: principals.otherOwner.token }
    const list = expectOk(await query(server.baseUrl, 'projects.list', { page: 1 }, as))
    expect(Reflect.get(Object(Reflect.get(Object(list.data), 'pagination')), 'total')).toBe(1)
    const id = principals.otherOwner.id
    const stats = expectOk(await query(server.baseUrl, 'users.stats', { id }, as))
    expect(stats.data).toMatchObject({ projects: 1, tasksCreated: 0, tasksAssigned: 0, tasksDone: 0 })
  })

  test('a super admin is a stranger until they say why they are not, and then it is on record', async () => {
    const { server, principals, alpha } = world
    const { token } = principals.superAdmin
    const get = (headers: Record<string, string>) =>
      query(server.baseUrl, 'projects.get', { id: alpha.projectId }, { token, headers })
    expectRefused(await get({}), 404)
    expectOk(await get({ 'x-plinth-bypass': 'support case 4711' }))
    const trail = await server.database.prisma.auditEvent.findFirst({
      where: { actorId: principals.superAdmin.id, targetId: alpha.projectId },
    })
    expect(JSON.stringify(trail?.changes)).toContain('support case 4711')
    for (const name of ['admin', 'stranger', 'owner', 'viewerKey'] as const) {
      const answer = await query(
        server.baseUrl,
        'projects.get',
        { id: alpha.projectId },
        { token: principals[name].token, headers: { 'x-plinth-bypass': 'because I can' } },
      )
      expectRefused(answer, 403)
    }
  })
})

describe('Z5 nobody sets what is not theirs to set', () => {
  const extras = {
    id: randomUUID(),
    role: 'super_admin',
    userId: randomUUID(),
    ownerId: randomUUID(),
    createdById: randomUUID(),
    emailVerifiedAt: '2026-01-01T00:00:00Z',
    passwordHash: 'x',
    createdAt: '2026-01-01T00:00:00Z',
    deletedAt: null,
    suspendedAt: null,
    isAdmin: true,
    version: 99,
    scopes: ['*'],
  }

  test('every mutation refuses every field it does not declare, by its name', async () => {
    const mutations = registryOf(world.server.app.router).filter(
      ({ kind, input }) => kind === 'mutation' && input !== null,
    )
    expect(mutations.length).toBeGreaterThan(20)
    for (const entry of mutations) {
      const { path, policy } = entry
      const name = weakestAllowed(policy)
      const example = await examples[path]?.(world, name)
      const token = example?.as ?? world.principals[name].token
      const input = Object(example?.input)
      const before = await snapshot(world.server.database)
      for (const [field, value] of Object.entries(extras)) {
        if (Object.hasOwn(input, field)) continue
        if (inputFieldsOf(entry).names.includes(field)) continue
        const answer = await mutate(
          world.server.baseUrl,
          path,
          { ...input, [field]: value },
          { token, headers: newAddress() },
        )
        expectRefused(answer, 400)
        expect(
          answer.error?.issues.map((issue) => issue.field),
          path,
        ).toContain(field)
      }
      expect(await snapshot(world.server.database), path).toEqual(before)
    }
  }, 60_000)

  test('nor inside the data of an update', async () => {
    const { server, principals } = world
    const { projectId, taskId } = await world.project()
    for (const [field, value] of Object.entries(extras)) {
      for (const [path, id, as] of [
        ['projects.update', projectId, principals.owner],
        ['tasks.update', taskId, principals.editor],
        ['users.update', principals.viewer.id, principals.viewer],
      ] as const) {
        const input = { id, data: { [field]: value } }
        const answer = await expectNoEffect(server.database, () =>
          mutate(server.baseUrl, path, input, { token: as.token }),
        )
        expect(expectRefused(answer, 400).error?.issues[0]?.field).toBe(`data.${field}`)
      }
    }
  })
})

describe('Z6 answers have the declared shape', () => {
  test('every procedure answers its declared keys and no others, and none is a secret of another kind', async () => {
    const registry = registryOf(world.server.app.router).filter(({ kind }) => kind !== 'subscription')
    let looked = 0
    for (const entry of registry) {
      const name = weakestAllowed(entry.policy)
      const example = await examples[entry.path]?.(world, name)
      const token = example?.as ?? world.principals[name].token
      const send = entry.kind === 'query' ? query : mutate
      const answer = await send(world.server.baseUrl, entry.path, example?.input, {
        token,
        headers: newAddress(),
      })
      expectOk(answer, { tokens: true, large: true })
      expect(keysBeyond(entry.output, answer.data), entry.path).toEqual([])
      expect(answer.text).not.toMatch(/passwordHash|password_hash|keyHash|key_hash|generation|deletedAt/i)
      looked += closedShape(entry.output) ? 1 : 0
    }
    expect(looked).toBe(registry.length)
  }, 60_000)

  test('a viewer does not see the addresses of other members, an owner does', async () => {
    const { server, principals, alpha } = world
    const list = (name: 'viewer' | 'owner') =>
      query(
        server.baseUrl,
        'projects.members.list',
        { projectId: alpha.projectId },
        { token: principals[name].token },
      )
    const [seen, full] = [expectOk(await list('viewer')), expectOk(await list('owner'))]
    expect(seen.text).not.toContain(principals.owner.email)
    expect(seen.text).toContain(principals.viewer.email)
    expect(full.text).toContain(principals.viewer.email)
  })
})
