import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'
import { tidyReplies } from '../../../server/src/modules/chat/replies/tidy-replies.job.ts'
import { transaction } from '../../../server/src/platform/database/index.ts'
import { newIds } from '../../../server/src/platform/ids.ts'
import { newJob } from '../../../server/src/platform/jobs/new-job.ts'
import { chatSite, eventsOf, textIn } from '../../api/chat/chat-site.ts'
import { databaseKind } from '../../support/database.ts'
import { field } from '../../support/http.ts'
import { scriptedProvider } from '../../support/llm/scripted-provider.ts'
import { until } from '../../support/until.ts'

const API = { PLINTH_ROLE: 'api' }
/** What the issue asks for. */
const INTERRUPTED_WITHIN_MS = 30_000
const STOPPED_WITHIN_MS = 2_000

async function startWorker(connectionString: string): Promise<AsyncDisposable & { kill(): void }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'worker-process.ts')], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test', DATABASE_URL: connectionString },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  return {
    kill: () => void child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

test('a killed worker leaves the reply interrupted within 30 s, paid for what came, and another can be asked for', async () => {
  await using site = await chatSite({ variables: API })
  const ada = await site.person()
  await using doomed = await startWorker(site.server.database.connectionString)
  const threadId = await site.thread(ada)
  const { replyId } = await site.send(ada, threadId, 'Count')
  using stream = await site.follow(ada, replyId)
  await until('some text', () => (textIn(stream) === 'one two' ? true : undefined), 30_000)
  doomed.kill()
  const killed = performance.now()
  await using _rescuer = await startWorker(site.server.database.connectionString)
  await stream.ended(INTERRUPTED_WITHIN_MS)
  process.stderr.write(
    `a reply of a killed worker: interrupted after ${Math.round(performance.now() - killed)} ms\n`,
  )
  const [usage, end] = eventsOf(stream).slice(-2)
  expect(end?.event).toMatchObject({
    type: 'error',
    state: 'interrupted',
    code: 'INTERRUPTED',
    retryable: true,
  })
  expect(usage?.event).toMatchObject({ type: 'usage' })
  expect(Number(field(usage?.event, 'outputTokens'))).toBeGreaterThan(0)
  expect(textIn(stream)).toBe('one two')
  const list = await site.call(ada, 'chat.messages.list', { threadId, limit: 1 })
  expect(field(field(list, 'data'), '0')).toMatchObject({ state: 'interrupted', text: 'one two' })

  const again = String(field(await site.call(ada, 'chat.retry', { replyId }), 'replyId'))
  using second = await site.follow(ada, again)
  await second.atLeast(1, 30_000)
  // Nothing in this process writes it: the stop goes to the other one.
  const asked = performance.now()
  await site.call(ada, 'chat.stop', { replyId: again })
  await second.ended(10_000)
  if (databaseKind() === 'postgres') expect(performance.now() - asked).toBeLessThan(STOPPED_WITHIN_MS)
  expect(eventsOf(second).at(-1)?.event).toMatchObject({ type: 'done', state: 'stopped' })
})

test('a reply outlives the API processes it is followed by: every delta once, in order', async () => {
  const words = Array.from({ length: 80 }, (_, index) => `w${index} `)
  const half = Promise.withResolvers<void>()
  const model = scriptedProvider('demo', async function* () {
    for (const [index, text] of words.entries()) {
      if (index === 40) yield { wait: half.promise }
      if (index % 8 === 0) yield { wait: new Promise((resolve) => setTimeout(resolve, 50)) }
      yield { text }
    }
  })
  await using worker = await chatSite({ variables: { PLINTH_ROLE: 'worker' } }, model)
  const beside = { beside: worker.server, variables: API }
  const first = await chatSite(beside)
  await using second = await chatSite(beside)
  const ada = await first.person()
  const { replyId } = await first.send(ada, await first.thread(ada), 'Count')
  using cut = await first.follow(ada, replyId)
  await until('half of it', () => (textIn(cut).includes('w39') ? true : undefined), 30_000)
  await first[Symbol.asyncDispose]()
  await cut.ended()
  const seen = eventsOf(cut)
  half.resolve()
  using resumed = await second.follow(ada, replyId, seen.at(-1)?.id)
  await resumed.ended(30_000)
  expect(textIn(cut) + textIn(resumed)).toBe(words.join(''))
  using whole = await second.follow(ada, replyId)
  await whole.ended()
  expect(eventsOf(whole)).toEqual([...seen, ...eventsOf(resumed)])
})

test('a reply whose job is gone or cancelled does not stay under way', async () => {
  const model = scriptedProvider('demo', function* () {
    yield { text: 'Some' }
    yield { wait: new Promise(() => undefined) }
  })
  await using site = await chatSite({}, model)
  const ada = await site.person()
  const { prisma } = site.server.database
  const { runtime } = site.server.app
  const left = await site.thread(ada)
  const [questionId = '', replyId = ''] = newIds(2, new Date())
  await prisma.message.createMany({
    data: [
      { id: questionId, threadId: left, role: 'user', state: 'done', text: 'Anybody?' },
      {
        id: replyId,
        threadId: left,
        role: 'assistant',
        state: 'streaming',
        answersId: questionId,
        text: 'Ye',
      },
    ],
  })
  await transaction(runtime.database, (tx) =>
    runtime.jobs.enqueue(tx, [newJob(tidyReplies, {})], { ownerId: null, traceId: 'test' }),
  )
  using stream = await site.follow(ada, replyId)
  await stream.ended(30_000)
  expect(eventsOf(stream).map(({ event }) => event)).toMatchObject([{ type: 'error', code: 'INTERRUPTED' }])
  expect(field(await site.call(ada, 'chat.threads.get', { id: left }), 'replyUnderWay')).toBeNull()

  const cancelled = await site.send(ada, await site.thread(ada), 'Cancel my job')
  using second = await site.follow(ada, cancelled.replyId)
  await second.atLeast(1)
  const { jobId } = await prisma.message.findUniqueOrThrow({ where: { id: cancelled.replyId } })
  await site.call(ada, 'jobs.cancel', { id: jobId })
  await second.ended()
  expect(eventsOf(second).at(-1)?.event).toMatchObject({ type: 'done', state: 'stopped' })
})
