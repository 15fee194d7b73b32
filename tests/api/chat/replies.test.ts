import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { field, mutate } from '../../support/http.ts'
import { textOf } from '../../support/people.ts'
import { until } from '../../support/until.ts'
import { type ChatPerson, type ChatSite, chatSite, eventsOf, textIn } from './chat-site.ts'

let site: ChatSite
let ada: ChatPerson

beforeAll(async () => {
  site = await chatSite()
  ada = await site.person()
})
afterAll(() => site[Symbol.asyncDispose]())

/** A gate that a model waits at. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

async function newest(threadId: string): Promise<unknown> {
  const list = await site.call(ada, 'chat.messages.list', { threadId, limit: 1 })
  return field(field(list, 'data'), '0')
}

async function refusal(path: string, input: unknown, who = ada): Promise<string> {
  const { error } = await site.tryCall(who, path, input)
  return error?.reason ?? error?.code ?? 'none'
}

describe('chat.send and chat.stream', () => {
  it('answers at once, streams the reply, bills it and keeps it', async () => {
    const go = gate()
    site.model.answer(function* () {
      yield { text: 'Every ' }
      yield { wait: go.opened }
      yield { text: '2,000 hours.' }
      yield { usage: { inputTokens: 30, outputTokens: 7 } }
    })
    const threadId = await site.thread(ada)
    const { messageId, replyId } = await site.send(ada, threadId, 'How often are the\nbearings greased?')
    using stream = await site.follow(ada, replyId)
    await stream.atLeast(1)
    expect(textIn(stream)).toBe('Every')
    expect(await site.call(ada, 'chat.threads.get', { id: threadId })).toMatchObject({
      title: 'How often are the',
      replyUnderWay: replyId,
    })
    go.open()
    await stream.ended()
    const events = eventsOf(stream).map(({ event }) => event)
    expect(events.at(-2)).toMatchObject({ type: 'usage', inputTokens: 30, outputTokens: 7 })
    expect(events.at(-1)).toMatchObject({ type: 'done', state: 'done', finishReason: 'stop' })
    expect(await newest(threadId)).toMatchObject({
      id: replyId,
      role: 'assistant',
      state: 'done',
      answersId: messageId,
      text: 'Every 2,000 hours.',
      usage: { inputTokens: 30, outputTokens: 7 },
      error: null,
      traceId: field(events.at(-1), 'traceId'),
    })
  })

  it('tells a second follower, a late one and one who comes back everything once, in order', async () => {
    const words = Array.from({ length: 60 }, (_, index) => `w${index} `)
    const go = gate()
    site.model.answer(async function* () {
      for (const [index, text] of words.entries()) {
        if (index === 30) yield { wait: go.opened }
        // Apart in time, so that they become several events.
        if (index % 10 === 0) yield { wait: new Promise((resolve) => setTimeout(resolve, 60)) }
        yield { text }
      }
    })
    const { replyId } = await site.send(ada, await site.thread(ada), 'Count')
    using first = await site.follow(ada, replyId)
    await until('some text', () => (textIn(first).includes('w29') ? true : undefined))
    const seen = eventsOf(first)[1]
    if (seen === undefined) throw new Error('There were too few events')
    using second = await site.follow(ada, replyId)
    using resumed = await site.follow(ada, replyId, seen.id)
    go.open()
    await Promise.all([first.ended(), second.ended(), resumed.ended()])
    using late = await site.follow(ada, replyId, '0')
    await late.ended()
    const whole = words.join('')
    for (const stream of [first, second, late]) {
      expect(textIn(stream)).toBe(whole)
      expect(eventsOf(stream)).toEqual(eventsOf(first))
    }
    expect(eventsOf(resumed)).toEqual(eventsOf(first).slice(2))
  })

  it('makes events that are not kept any more again from the message', async () => {
    site.model.answer(() => [{ text: 'Kept ' }, { text: 'for long.' }])
    const { replyId } = await site.send(ada, await site.thread(ada), 'Old?')
    using first = await site.follow(ada, replyId)
    await first.ended()
    const [delta, , done] = eventsOf(first)
    await site.server.database.pool.query('DELETE FROM events WHERE stream = $1', [`reply:${replyId}`])
    using whole = await site.follow(ada, replyId)
    await whole.ended()
    expect(textIn(whole)).toBe('Kept for long.')
    expect(eventsOf(whole).map(({ event }) => event.type)).toEqual(['delta', 'usage', 'done'])
    expect(eventsOf(whole).at(-1)?.event).toEqual(eventsOf(first).at(-1)?.event)
    using rest = await site.follow(ada, replyId, delta?.id)
    await rest.ended()
    expect(`${delta?.event.type === 'delta' ? delta.event.text : ''}${textIn(rest)}`).toBe('Kept for long.')
    using nothing = await site.follow(ada, replyId, done?.id ?? eventsOf(first).at(-1)?.id)
    await nothing.ended()
  })

  it('refuses ids that are of no event', async () => {
    const { replyId } = await site.send(ada, await site.thread(ada), 'Ids')
    for (const id of ['7', '900:3', 'x']) expect((await site.follow(ada, replyId, id)).status).toBe(400)
  })

  it('writes one reply at a time in a thread', async () => {
    const go = gate()
    site.model.answer(function* () {
      yield { wait: go.opened }
      yield { text: 'Done.' }
    })
    const threadId = await site.thread(ada)
    const { replyId } = await site.send(ada, threadId, 'One')
    expect(await refusal('chat.send', { threadId, text: 'Two' })).toBe('REPLY_UNDER_WAY')
    expect(await refusal('chat.retry', { replyId })).toBe('REPLY_NOT_FAILED')
    go.open()
    using stream = await site.follow(ada, replyId)
    await stream.ended()
    const answers = await Promise.all(
      [1, 2, 3].map(() => site.tryCall(ada, 'chat.send', { threadId, text: 'At once' })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})

describe('chat.stop', () => {
  it('stops the provider soon, keeps what came and bills that', async () => {
    const before = site.model.aborted()
    site.model.answer(function* () {
      yield { text: 'Half an ans' }
      yield { wait: new Promise(() => undefined) }
    })
    const threadId = await site.thread(ada)
    const { replyId } = await site.send(ada, threadId, 'Stop me')
    using stream = await site.follow(ada, replyId)
    await stream.atLeast(1)
    const started = performance.now()
    expect(await site.call(ada, 'chat.stop', { replyId })).toEqual({ replyId, state: 'streaming' })
    await stream.ended()
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(site.model.aborted()).toBe(before + 1)
    expect(eventsOf(stream).at(-1)?.event).toMatchObject({ type: 'done', state: 'stopped' })
    const message = await newest(threadId)
    expect(message).toMatchObject({ state: 'stopped', text: 'Half an ans' })
    expect(Number(field(field(message, 'usage'), 'outputTokens'))).toBeGreaterThan(0)
    expect(await site.call(ada, 'chat.stop', { replyId })).toEqual({ replyId, state: 'stopped' })
  })

  it('is not what leaving the stream does', async () => {
    const go = gate()
    site.model.answer(function* () {
      yield { text: 'Goes ' }
      yield { wait: go.opened }
      yield { text: 'on.' }
    })
    const { replyId } = await site.send(ada, await site.thread(ada), 'Leave')
    const stream = await site.follow(ada, replyId)
    await stream.atLeast(1)
    stream[Symbol.dispose]()
    go.open()
    using again = await site.follow(ada, replyId)
    await again.ended()
    expect(textIn(again)).toBe('Goes on.')
  })
})

describe('a reply that fails', () => {
  it.each([
    ['timeout', 'PROVIDER_TIMEOUT', true],
    ['rejected', 'PROVIDER_REFUSED', false],
    ['too_long', 'CONTEXT_TOO_LONG', false],
  ] as const)('says why: %s', async (failure, code, retryable) => {
    site.model.answer(function* () {
      yield { text: 'So far' }
      yield { fail: failure }
    })
    const threadId = await site.thread(ada)
    const { replyId } = await site.send(ada, threadId, 'Fail')
    using stream = await site.follow(ada, replyId)
    await stream.ended()
    expect(eventsOf(stream).at(-1)?.event).toMatchObject({ type: 'error', state: 'failed', code, retryable })
    expect(await newest(threadId)).toMatchObject({ state: 'failed', text: 'So far', error: { code } })

    site.model.answer(() => [{ text: 'Better.' }])
    const again = await site.call(ada, 'chat.retry', { replyId })
    using second = await site.follow(ada, String(field(again, 'replyId')))
    await second.ended()
    expect(textIn(second)).toBe('Better.')
    expect(site.model.requests.at(-1)?.messages.map(({ role }) => role)).toEqual(['system', 'user'])
  })
})

describe('rights', () => {
  it('keeps threads and replies to their user', async () => {
    const threadId = await site.thread(ada)
    const { replyId } = await site.send(ada, threadId, 'Mine')
    const eve = await site.person()
    for (const [path, input] of [
      ['chat.threads.get', { id: threadId }],
      ['chat.threads.update', { id: threadId, data: { title: 'Hers' } }],
      ['chat.threads.delete', { id: threadId }],
      ['chat.messages.list', { threadId }],
      ['chat.send', { threadId, text: 'Hello' }],
      ['chat.stop', { replyId }],
      ['chat.retry', { replyId }],
    ] as const)
      expect(await refusal(path, input, eve), path).toBe('NOT_FOUND')
    expect((await site.follow(eve, replyId)).status).toBe(404)
  })

  it('names the field of a model that there is not', async () => {
    const threadId = await site.thread(ada)
    const model = 'demo:nothing'
    for (const [path, input, named] of [
      ['chat.threads.create', { model }, 'model'],
      ['chat.threads.update', { id: threadId, data: { model } }, 'data.model'],
      ['chat.send', { threadId, text: 'Hello', model }, 'model'],
    ] as const) {
      const answer = await mutate(site.server.baseUrl, path, input, { token: ada.token })
      expect(expectRefused(answer, 400).error?.issues.map((issue) => issue.field)).toEqual([named])
    }
  })

  it('gives a key that may not read documents no answers from them', async () => {
    const [passage] = await site.base(ada, ['Zinc anodes last two years.'])
    const knowledgeBaseIds = [passage?.knowledgeBaseId]
    const threadId = await site.thread(ada, { knowledgeBaseIds })
    const plain = await site.thread(ada)
    const granted = { name: 'Chat', scopes: ['chat:read', 'chat:write'] }
    const made = await mutate(site.server.baseUrl, 'apiKeys.create', granted, { token: ada.token })
    const key = { ...ada, token: textOf(expectOk(made, { tokens: true }), 'key') }
    for (const [path, input] of [
      ['chat.threads.create', { knowledgeBaseIds }],
      ['chat.threads.update', { id: plain, data: { knowledgeBaseIds } }],
      ['chat.send', { threadId, text: 'How long do anodes last?' }],
    ] as const)
      expect(await refusal(path, input, key), path).toBe('SCOPE_MISSING')
    expect(await refusal('chat.send', { threadId: plain, text: 'Hello' }, key)).toBe('none')
  })
})
