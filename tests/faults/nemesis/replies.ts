import * as sdk from '@plinth/client'
import { until } from '../../support/until.ts'
import type { Fleet } from '../machine/fleet.ts'
import { type Person, registerPerson } from '../workload/people.ts'

/** A reply that somebody follows from its first event on. */
export interface FollowedReply extends Disposable {
  readonly client: Person['client']
  readonly threadId: string
  readonly replyId: string
  /** The deltas so far, put together. */
  text(): string
  /** Ids of all events, in the order they came. */
  readonly eventIds: readonly string[]
  /** How the stream ended, if it has. */
  end(): string | undefined
}

/** Somebody who is logged in and may ask. */
export async function registerAsker(fleet: Fleet): Promise<Person> {
  return await registerPerson({ sdk, baseUrl: fleet.baseUrl }, 'asker')
}

/** Asks in a thread of its own and follows the reply, over lost connections. */
export async function askAndFollow({ client }: Person, text: string): Promise<FollowedReply> {
  const thread = await client.chat.threads.create.mutate({ title: text })
  const { replyId } = await client.chat.send.mutate({ threadId: thread.id, text })
  const eventIds: string[] = []
  let said = ''
  let end: string | undefined
  const unsubscribe = client.chat.stream.subscribe(
    { replyId },
    {
      onData({ id, data }) {
        eventIds.push(id)
        if (data.type === 'delta') said += data.text
        if (data.type === 'done' || data.type === 'error') end = JSON.stringify(data)
      },
      onError(error) {
        end = `${error.code}: ${error.message}`
      },
    },
  )
  return {
    client,
    threadId: thread.id,
    replyId,
    text: () => said,
    eventIds,
    end: () => end,
    [Symbol.dispose]: () => unsubscribe(),
  }
}

/** The reply as it is stored. */
export async function stored({ client, threadId, replyId }: FollowedReply) {
  const { data } = await client.chat.messages.list.query({ threadId, limit: 100 })
  const reply = data.find(({ id }) => id === replyId)
  if (reply === undefined) throw new Error('A reply is not in its thread')
  return reply
}

/** Waits until a reply is in one of `states`. @returns the reply, and how long that took in milliseconds */
export async function untilState(reply: FollowedReply, states: readonly string[], withinMs: number) {
  const since = Date.now()
  const found = await until(
    `a reply is ${states.join(' or ')}`,
    async () => {
      const now = await stored(reply).catch(() => undefined)
      return now !== undefined && states.includes(now.state) ? now : undefined
    },
    withinMs,
  )
  return { reply: found, afterMs: Date.now() - since }
}

/** What is wrong with what a follower got: events twice, out of order or left out, or another text than is stored. */
export function gapsOf(reply: FollowedReply, storedText: string): string[] {
  // An id says which event it is, and how much of the text is before it.
  const numbers = reply.eventIds.map((id) => Number(id.split(':')[0]))
  const wrong = numbers.filter((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1)
  return [
    ...(wrong.length > 0 ? [`events came as ${reply.eventIds.join(' ')}`] : []),
    ...(reply.text() === storedText
      ? []
      : [`streamed ${reply.text().length} characters, stored ${storedText.length}`]),
  ]
}
