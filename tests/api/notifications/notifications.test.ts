import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { type CallOptions, field, mutate, query } from '../../support/http.ts'
import { expectNoEffect } from '../../support/no-effect.ts'
import { addPeople, addPerson, type LogIn, type Person, textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { openStream } from '../../support/sse.ts'

type Someone = Person & LogIn

let server: TestServer
let admin: Someone

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' } })
  admin = await addPerson(server, 'Grace', 'admin')
})
afterAll(() => server[Symbol.asyncDispose]())

const call = async (path: string, input: unknown, as: CallOptions) =>
  expectOk(await mutate(server.baseUrl, path, input, as)).data
const list = async (as: CallOptions, input: object = {}) =>
  expectOk(await query(server.baseUrl, 'notifications.list', input, as)).data
const sendTo = (userId: string, subject = 'Tonight', body = 'We close early.\nGood night.') =>
  call('notifications.send', { userId, subject, body }, admin)
const dataOf = (answer: unknown) => [field(answer, 'data')].flat()
const subjects = (answer: unknown) => dataOf(answer).map((one) => field(one, 'subject'))

describe('an admin’s message', () => {
  test('is there in the app, in the mail box and in the audit trail', async () => {
    const reader = await addPerson(server, 'Ada')
    const sent = await sendTo(reader.id)
    expect(sent).toEqual({
      id: expect.any(String),
      kind: 'admin.message',
      subject: 'Tonight',
      body: 'We close early.\nGood night.',
      target: null,
      sender: { id: admin.id, fullName: 'Grace' },
      readAt: null,
      createdAt: expect.any(String),
    })
    expect(await list(reader)).toEqual({
      data: [sent],
      pagination: { hasNext: false, nextCursor: null, limit: 20 },
      unread: 1,
    })
    const mail = await server.mails.last(reader.email, 'notification')
    expect(mail.subject).toBe('Message from Grace: Tonight')
    expect(mail.text).toContain(`Grace (${admin.email}), an administrator of Plinth, wrote to you:`)
    expect(mail.text).toContain('> We close early.\n> Good night.')
    const row = await server.database.prisma.auditEvent.findFirst({
      where: { action: 'notifications.send', targetId: reader.id },
    })
    expect(row).toMatchObject({
      actorId: admin.id,
      targetType: 'user',
      changes: { notificationId: textOf(sent, 'id'), subject: 'Tonight', body: expect.any(String) },
    })
  })

  test('cannot forge headers, links or our own words', async () => {
    const [reader] = await addPeople(server, ['reader'])
    for (const subject of ['a\r\nBcc: all@example.com', 'a\nb', 'a\u2028b', 'a\u0000b', ' ', '']) {
      const input = { userId: reader?.id, subject, body: 'x' }
      expectRefused(await mutate(server.baseUrl, 'notifications.send', input, admin), 400)
    }
    const body =
      '<a href="https://evil.test">Plinth</a>\u202e\n\n-- \nPlinth, http://plinth.test\n<script>alert(1)</script>'
    await sendTo(reader?.id ?? '', '<img src=x>', body)
    const { html, text } = await server.mails.last(reader?.email ?? '', 'notification')
    expect(html).not.toMatch(/<(?:a|img|script)\b/)
    expect(html).not.toContain('\u202e')
    expect(html).toContain('&#60;script&#62;')
    // Everything typed is quoted; only our own signature stands at the margin.
    expect(text.match(/^-- $/gm)).toHaveLength(1)
    expect(text).not.toContain('\u202e')
  })

  test('to nobody is refused, and nobody but admins may write', async () => {
    const user = await addPerson(server)
    const input = { userId: randomUUID(), subject: 'x', body: 'x' }
    expectRefused(await mutate(server.baseUrl, 'notifications.send', input, admin), 404)
    await expectNoEffect(server.database, async () => {
      const refused = await mutate(server.baseUrl, 'notifications.send', { ...input, userId: user.id }, user)
      expectRefused(refused, 403)
    })
  })
})

describe('reading', () => {
  test('pages, filters, counts and marks', async () => {
    const reader = await addPerson(server)
    for (const subject of ['one', 'two', 'three']) await sendTo(reader.id, subject)
    const first = await list(reader, { limit: 2 })
    expect(subjects(first)).toEqual(['three', 'two'])
    const cursor = textOf(first, 'pagination', 'nextCursor')
    const rest = await list(reader, { limit: 2, cursor })
    expect(subjects(rest)).toEqual(['one'])
    expect(await list(reader, { limit: 1, page: 2 })).toMatchObject({
      data: [{ subject: 'two' }],
      pagination: { total: 3 },
      unread: 3,
    })
    expect(await list(reader, { page: 9 })).toMatchObject({ data: [], pagination: { total: 3 }, unread: 3 })

    const ids = dataOf(first).map((one) => textOf(one, 'id'))
    const marked = { ok: true, unread: 1 }
    expect(await call('notifications.markRead', { ids }, reader)).toEqual(marked)
    expect(await call('notifications.markRead', { ids: [...ids, ...ids] }, reader)).toEqual(marked)
    expect(subjects(await list(reader, { unread: true }))).toEqual(['one'])
    expect(await list(reader, { unread: false })).toMatchObject({
      data: [{ subject: 'three', readAt: expect.any(String) }, { subject: 'two' }],
      unread: 1,
    })
    expect(await call('notifications.markRead', { all: true }, reader)).toEqual({ ok: true, unread: 0 })
    expect(await list(reader, { unread: true })).toMatchObject({ data: [], unread: 0 })
  })

  test('is of one’s own only: those of others look missing, and nothing is marked', async () => {
    const [reader, thief] = [await addPerson(server), await addPerson(server)]
    const theirs = textOf(await sendTo(reader.id), 'id')
    const own = textOf(await sendTo(thief.id), 'id')
    const mark = (ids: unknown[]) => mutate(server.baseUrl, 'notifications.markRead', { ids }, thief)
    for (const id of [theirs, randomUUID()]) {
      await expectNoEffect(server.database, async () => expectRefused(await mark([own, id]), 404))
    }
    expect(await list(thief)).toMatchObject({ data: [{ id: own }], unread: 1 })
    const many = Array.from({ length: 101 }, () => randomUUID())
    for (const input of [{}, { ids: [] }, { ids: many }, { ids: [own], all: true }, { all: false }]) {
      expectRefused(await mutate(server.baseUrl, 'notifications.markRead', input, thief), 400)
    }
  })

  test('needs the scope with a key', async () => {
    const { id, token } = await addPerson(server)
    await sendTo(id)
    const made = await mutate(
      server.baseUrl,
      'apiKeys.create',
      { name: 'k', scopes: ['notifications:read'] },
      { token },
    )
    const key = { token: textOf(made, 'key') }
    expect(await list(key)).toMatchObject({ unread: 1 })
    const refused = await mutate(server.baseUrl, 'notifications.markRead', { all: true }, key)
    expect(expectRefused(refused, 403).error?.reason).toBe('SCOPE_MISSING')
  })

  test('keeps the newest thousand', async () => {
    const reader = await addPerson(server)
    const old = Array.from({ length: 1_005 }, (_, index) => ({
      userId: reader.id,
      kind: 'admin.message',
      subject: `${index}`,
      body: '',
      createdAt: new Date(Date.now() - 3_600_000 + index),
    }))
    await server.database.prisma.notification.createMany({ data: old })
    await sendTo(reader.id, 'newest')
    expect(await list(reader, { limit: 1 })).toMatchObject({ unread: 1_000, data: [{ subject: 'newest' }] })
    expect(
      await server.database.prisma.notification.count({ where: { userId: reader.id, subject: '5' } }),
    ).toBe(0)
  })
})

describe('onNew', () => {
  test('tells of each once, in order, resumes, and never of those of others', async () => {
    const [reader, other] = [await addPerson(server), await addPerson(server)]
    using stream = await openStream(server.baseUrl, 'notifications.onNew', {}, reader)
    const sent = [await sendTo(reader.id, 'one'), await sendTo(reader.id, 'two')]
    await sendTo(other.id, 'for somebody else')
    const events = await stream.atLeast(2)
    expect(events.map(({ data }) => data)).toEqual(sent)
    await sendTo(reader.id, 'three')
    using resumed = await openStream(
      server.baseUrl,
      'notifications.onNew',
      {},
      {
        token: reader.token,
        lastEventId: events[0]?.id ?? '',
      },
    )
    const later = await resumed.atLeast(2)
    expect(later.map(({ data }) => field(data, 'subject'))).toEqual(['two', 'three'])
    for (const lastEventId of ['999', 'abc']) {
      using refused = await openStream(
        server.baseUrl,
        'notifications.onNew',
        {},
        { token: reader.token, lastEventId },
      )
      expect(refused.status).toBe(400)
    }
    await call('auth.logoutAll', undefined, reader)
    await Promise.all([stream.ended(), resumed.ended()])
  })
})

describe('the work of others', () => {
  test('is heard of: being added, and being given tasks, but not what one does oneself', async () => {
    const [owner, member] = [await addPerson(server, 'Olga'), await addPerson(server, 'Max')]
    const project = await call('projects.create', { name: 'Bridge', slug: `b-${randomUUID()}` }, owner)
    const projectId = textOf(project, 'id')
    await call('projects.members.add', { projectId, email: member.email, role: 'editor' }, owner)
    const give = (assigneeId: string | null) => ({ projectId, title: 'Sand the deck', assigneeId })
    const task = await call('tasks.create', give(member.id), owner)
    await call('tasks.create', give(owner.id), owner)
    await call('tasks.create', give(null), owner)
    const tasks = Array.from({ length: 12 }, (_, index) => ({
      title: `Plank ${index}`,
      assigneeId: member.id,
    }))
    await call('tasks.createMany', { projectId, tasks }, owner)
    const { data } = Object(await list(member))
    expect(data).toMatchObject([
      {
        kind: 'tasks.assigned',
        subject: 'You were given 12 tasks',
        body: expect.stringMatching(/^Plank 0\n(.*\n){9}and 2 more$/),
        target: { type: 'project', id: projectId },
      },
      {
        kind: 'task.assigned',
        body: 'Sand the deck',
        target: { type: 'task', id: textOf(task, 'id') },
        sender: { id: owner.id, fullName: 'Olga' },
      },
      { kind: 'project.joined', body: 'Bridge', target: { type: 'project', id: projectId } },
    ])
    expect(await list(owner)).toMatchObject({ data: [], unread: 0 })
    expect(server.mails.mails.filter(({ to }) => to === member.email)).toEqual([])
  })

  test('is told once while it waits, and only when the task changes hands', async () => {
    const [owner, member] = [await addPerson(server), await addPerson(server)]
    const made = await call('projects.create', { name: 'P', slug: `p-${randomUUID()}` }, owner)
    const projectId = textOf(made, 'id')
    await server.database.prisma.projectMember.create({
      data: { projectId, userId: member.id, role: 'editor' },
    })
    const id = textOf(await call('tasks.create', { projectId, title: 'T' }, owner), 'id')
    const give = (assigneeId: string | null) => call('tasks.update', { id, data: { assigneeId } }, owner)
    for (const to of [member.id, null, member.id, owner.id, member.id]) await give(to)
    expect(await list(member)).toMatchObject({ data: [{ kind: 'task.assigned' }], unread: 1 })
    await call('notifications.markRead', { all: true }, member)
    await give(member.id)
    await call('tasks.update', { id, data: { title: 'T2' } }, owner)
    expect(await list(member)).toMatchObject({ unread: 0 })
    await give(owner.id)
    await give(member.id)
    expect(await list(member)).toMatchObject({ data: [{ body: 'T2' }, { body: 'T' }], unread: 1 })
    // What one takes oneself is no news.
    await call('notifications.markRead', { all: true }, member)
    await give(owner.id)
    await call('tasks.update', { id, data: { assigneeId: member.id } }, member)
    expect(await list(member)).toMatchObject({ unread: 0 })
  })

  test('that is refused tells nobody', async () => {
    const [owner, member] = [await addPerson(server), await addPerson(server)]
    const made = await call('projects.create', { name: 'P', slug: `p-${randomUUID()}` }, owner)
    const input = { projectId: textOf(made, 'id'), title: 'T', assigneeId: member.id }
    await expectNoEffect(server.database, async () => {
      expectRefused(await mutate(server.baseUrl, 'tasks.create', input, owner), 400)
    })
    expect(await list(member)).toMatchObject({ data: [], unread: 0 })
  })
})
