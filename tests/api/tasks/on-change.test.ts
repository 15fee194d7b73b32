import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TaskChange } from '../../../server/src/modules/tasks/tasks.schema.ts'
import { until as waitFor } from '../../support/until.ts'
import { createWorkspace, type Person, refusal, type Workspace } from './workspace.ts'

let workspace: Workspace
let owner: Person
let member: Person

beforeAll(async () => {
  // So slow that a test which depends on being woken fails without it.
  workspace = await createWorkspace({ pollMs: 60_000 })
  owner = await workspace.person('owner')
  member = await workspace.person('member')
})
afterAll(() => workspace[Symbol.asyncDispose]())

interface Heard {
  readonly events: { readonly id: string; readonly change: TaskChange }[]
  /** Settles when the stream ends, with what ended it. */
  readonly end: Promise<unknown>
  /** Ends it; resolves to undefined unless it failed before. */
  stop(): Promise<unknown>
}

/** Watches as `who`; resolves when the stream is open. */
async function watch(
  who: Person,
  projectId: string,
  lastEventId?: string,
  on: Workspace = workspace,
): Promise<Heard> {
  const controller = new AbortController()
  const { signal } = controller
  const stream = await on.as(who, { signal }).tasks.onChange({ projectId, lastEventId })
  const events: Heard['events'] = []
  const listen = async (): Promise<void> => {
    for await (const event of stream) {
      const [id, change] = Object.values(event)
      events.push({ id: String(id), change: TaskChange.parse(change) })
    }
  }
  const end = listen().catch((error: unknown) => error)
  return {
    events,
    end,
    stop() {
      controller.abort()
      return end
    },
  }
}

const titles = (heard: Heard) => heard.events.map(({ change }) => change.task.title)

const projectOfTwo = () => workspace.project(owner, [[member, 'viewer']])

describe('tasks.onChange', () => {
  it('tells of every committed change, in order, and of nothing that was refused', async () => {
    const { id: projectId } = await projectOfTwo()
    const heard = await watch(member, projectId)
    const { tasks } = workspace.as(owner)
    const made = await tasks.create({ projectId, title: 'one' })
    const changed = await tasks.update({ id: made.id, data: { status: 'done' } })
    await refusal(tasks.update({ id: made.id, version: 1, data: { status: 'todo' } }))
    await tasks.delete({ id: made.id })
    await tasks.restore({ id: made.id })
    await tasks.restore({ id: made.id })
    await tasks.createMany({ projectId, tasks: [{ title: 'two' }, { title: 'three' }] })
    await waitFor('the last event', () => (titles(heard).at(-1) === 'three' ? true : undefined))
    const changes = heard.events.map((event) => event.change)
    expect(changes.map(({ type, task }) => [type, task.title])).toEqual([
      ['task.created', 'one'],
      ['task.updated', 'one'],
      ['task.deleted', 'one'],
      ['task.restored', 'one'],
      ['task.created', 'two'],
      ['task.created', 'three'],
    ])
    expect(changes[1]?.task).toEqual(changed)
    expect(await heard.stop()).toBeUndefined()
  })

  it('resumes after any event, however often it is cut (S4)', async () => {
    const { id: projectId } = await projectOfTwo()
    const expected = Array.from({ length: 300 }, (_, index) => `t${index}`)
    let next = 0
    const write = async (count: number): Promise<void> => {
      const tasks = expected.slice(next, next + count).map((title) => ({ title }))
      next += count
      await workspace.as(owner).tasks.createMany({ projectId, tasks })
    }
    const got: string[] = []
    const ids: string[] = []
    let lastEventId = '0'
    for (let round = 0; round < 30; round += 1) {
      const writing = write(10)
      const heard = await watch(member, projectId, lastEventId)
      await waitFor('an event', () => (heard.events.length > round % 4 ? true : undefined))
      await heard.stop()
      await writing
      got.push(...titles(heard))
      ids.push(...heard.events.map((event) => event.id))
      lastEventId = ids.at(-1) ?? lastEventId
    }
    const rest = await watch(member, projectId, lastEventId)
    if (got.length < expected.length) {
      await waitFor('the rest', () =>
        titles(rest).length + got.length >= expected.length ? true : undefined,
      )
    }
    await rest.stop()
    got.push(...titles(rest))
    expect(got).toEqual(expected)
  })

  it('delivers everything once to many who come and go while others write (S4)', async () => {
    const { id: projectId } = await projectOfTwo()
    const writers = Promise.all(
      Array.from({ length: 4 }, async (_, writer) => {
        for (let index = 0; index < 15; index += 1) {
          await workspace.as(owner).tasks.create({ projectId, title: `${writer}-${index}` })
        }
      }),
    )
    const watchers = Array.from({ length: 12 }, async (_, index) => {
      const who = index % 2 === 0 ? owner : member
      const seen: string[] = []
      while (seen.length < 60) {
        const heard = await watch(who, projectId, String(seen.length))
        const enough = Math.min(60 - seen.length, 5 + index * 3)
        await waitFor('events', () => (heard.events.length >= enough ? true : undefined), 20_000)
        await heard.stop()
        seen.push(...heard.events.map((event) => event.id))
      }
      return seen
    })
    await writers
    for (const seen of await Promise.all(watchers)) {
      expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => String(index + 1)))
    }
  })

  it('delivers bursts larger than one read, also to a slow reader', async () => {
    const { id: projectId } = await projectOfTwo()
    const fast = await watch(owner, projectId)
    const start = BigInt(fast.events.at(-1)?.id ?? 0)
    const controller = new AbortController()
    const slow = await workspace
      .as(member, { signal: controller.signal })
      .tasks.onChange({ projectId, lastEventId: String(start) })
    const reading = slow[Symbol.asyncIterator]()
    const first = reading.next()
    const tasks = Array.from({ length: 1_000 }, (_, index) => ({ title: `burst ${index}` }))
    await workspace.as(owner).tasks.createMany({ projectId, tasks })
    await waitFor('the burst', () => (titles(fast).length === 1_000 ? true : undefined))
    expect(titles(fast)).toEqual(tasks.map((task) => task.title))
    await fast.stop()
    const slowIds = [Object.values((await first).value)[0]]
    for (let index = 1; index < 1_000; index += 1)
      slowIds.push(Object.values((await reading.next()).value)[0])
    expect(slowIds).toEqual(tasks.map((_, index) => String(start + BigInt(index) + 1n)))
    controller.abort()
    await reading.return?.()
  })

  it('refuses strangers like a random id, and ids that are none of this stream', async () => {
    const stranger = await workspace.person('stranger')
    const { id: projectId } = await projectOfTwo()
    const foreign = await refusal(watch(stranger, projectId))
    const missing = await refusal(watch(stranger, crypto.randomUUID(), '1'))
    expect(foreign).toEqual({ code: 'NOT_FOUND', message: expect.any(String) })
    expect(foreign).toEqual(missing)
    await workspace.as(owner).tasks.create({ projectId, title: 'x' })
    for (const bad of ['2', '999999999999999999', '9'.repeat(64), '-1', 'abc', '1.0', '0x1']) {
      expect(await refusal(watch(member, projectId, bad))).toMatchObject({
        code: 'BAD_REQUEST',
        fields: ['lastEventId'],
      })
    }
  })

  it('says so when the events after the last one seen are not kept any more', async () => {
    const { id: projectId } = await projectOfTwo()
    const tasks = Array.from({ length: 5 }, (_, index) => ({ title: `t${index}` }))
    await workspace.as(owner).tasks.createMany({ projectId, tasks })
    const stream = `project:${projectId}:tasks`
    await workspace.database.prisma.event.deleteMany({ where: { stream, id: { lte: 3n } } })
    expect(await refusal(watch(member, projectId, '1'))).toMatchObject({
      code: 'BAD_REQUEST',
      reason: 'RESUME_TOO_OLD',
      fields: ['lastEventId'],
    })
    const heard = await watch(member, projectId, '3')
    await waitFor('two events', () => (heard.events.length === 2 ? true : undefined))
    await heard.stop()
    await workspace.database.prisma.event.deleteMany({ where: { stream } })
    expect(await refusal(watch(member, projectId, '3'))).toMatchObject({
      fields: ['lastEventId'],
    })
  })

  it('ends for a removed member, who hears of nothing after it, and for no one else (S2)', async () => {
    const { id: projectId } = await projectOfTwo()
    const [removed, stays] = [await watch(member, projectId), await watch(owner, projectId)]
    await workspace.as(owner).projects.members.remove({ projectId, userId: member.id })
    await workspace.as(owner).tasks.create({ projectId, title: 'secret' })
    expect(await refusal(removed.end.then(rethrow))).toMatchObject({ code: 'NOT_FOUND' })
    await waitFor('the event', () => (titles(stays).includes('secret') ? true : undefined))
    expect(titles(removed)).toEqual([])
    await stays.stop()
  })

  it('ends when the project is deleted', async () => {
    const { id: projectId } = await projectOfTwo()
    const heard = await watch(member, projectId)
    await workspace.as(owner).projects.delete({ id: projectId })
    expect(await refusal(heard.end.then(rethrow))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('leaves nothing behind when streams end (S3)', async () => {
    const { id: projectId } = await projectOfTwo()
    const heard = await Promise.all(Array.from({ length: 40 }, () => watch(owner, projectId)))
    expect(workspace.tasks.watchedProjects()).toBe(1)
    await Promise.all(heard.map((one) => one.stop()))
    expect([workspace.tasks.watchedProjects(), workspace.streams()]).toEqual([0, 0])
  })

  it('goes on by looking now and then when wake-ups get lost', async () => {
    await using deaf = await createWorkspace({ pollMs: 100 })
    const owner = await deaf.person('owner')
    const gone = await deaf.person('gone')
    const { id: projectId } = await deaf.project(owner, [[gone, 'viewer']])
    const heard = await watch(owner, projectId, '0', deaf)
    const ended = await watch(gone, projectId, '0', deaf)
    await waitFor('both to watch', () => (deaf.streams() === 2 ? true : undefined))
    await deaf.database.prisma.projectMember.deleteMany({ where: { userId: gone.id } })
    expect(await refusal(ended.end.then(rethrow))).toMatchObject({ code: 'NOT_FOUND' })
    const task = await deaf.as(owner).tasks.create({ projectId, title: 'x' })
    await waitFor('the event', () => (heard.events.length === 1 ? true : undefined))
    const { stream, type } = { stream: `project:${projectId}:tasks`, type: 'task.updated' }
    await deaf.database.prisma.$transaction([
      deaf.database.prisma.event.create({ data: { stream, type, id: 2n, data: task } }),
      deaf.database.prisma.eventStream.update({ where: { name: stream }, data: { lastId: 2n } }),
    ])
    await waitFor('the unannounced event', () => (heard.events.length === 2 ? true : undefined))
    await heard.stop()
  })
})

function rethrow(ended: unknown): never {
  throw ended
}
