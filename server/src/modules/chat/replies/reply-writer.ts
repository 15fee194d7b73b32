import { type Database, patiently } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import { streamTopic } from '../../../platform/events/event-log.ts'
import type { EventReader } from '../../../platform/events/event-reader.ts'
import type { StreamView } from '../../../platform/events/stream-source.ts'
import type { Citation } from '../chat.schema.ts'
import { type FlushedReply, flushReplies, type ReplyFlush, revisionsOf } from './replies.repository.ts'
import { type KeptEvent, keptEvent, replyStream } from './reply-events.ts'

/** Why a reply is to be written no further. */
export type HaltCause = 'stopped' | 'locked out' | 'lost' | 'broken'

/** A reply that is being written. */
export interface ReplyPen {
  /** Adds to the reply. Resolves when there is room for more, at once mostly; it is written soon after. */
  write(text: string, citations: readonly Citation[]): Promise<void>
  /** Waits until everything is written, and ends. @throws what the database said, when it was not */
  close(): Promise<{ readonly revision: bigint; readonly length: number }>
}

/** Writes what comes of all replies of this process. */
export interface ReplyWriter {
  /** @param halt called at most once, when writing on is of no use */
  open(reply: {
    readonly id: string
    readonly revision: bigint
    readonly halt: (cause: HaltCause, error?: unknown) => void
  }): ReplyPen
}

/** Between two writes: short enough to read along, and longer the more replies share the database. */
const PAUSE_MS = 40
const PAUSE_PER_REPLY_MS = 1.5
/** A reply whose text comes faster than it can be written waits. */
const MOST_PENDING = 16_384

interface OpenReply {
  readonly id: string
  readonly halt: (cause: HaltCause, error?: unknown) => void
  revision: bigint
  /** Of the text, with what is pending. */
  length: number
  text: string
  citations: Citation[]
  events: KeptEvent[]
  flushing: number
  failure: { readonly error: unknown } | undefined
  begun: boolean
  waiting: (() => void)[]
}

/**
 * Builds the {@link ReplyWriter}. One statement at a time writes what is pending of all replies; what a reply says first
 * goes out at once. Followers in this process are handed what was written; those elsewhere are woken, and look.
 */
export function createReplyWriter(
  database: Pick<Database, 'pool'>,
  bus: Pick<Bus, 'publish' | 'tell'>,
  followers: Pick<EventReader, 'deliver'>,
): ReplyWriter {
  const pending = new Set<OpenReply>()
  let open = 0
  let flushing = false
  let urgent = false
  let lastFlush = 0
  let timer: NodeJS.Timeout | undefined
  let soon: NodeJS.Immediate | undefined

  const schedule = (): void => {
    if (flushing || pending.size === 0) return
    clearTimeout(timer)
    clearImmediate(soon)
    // No timer: what came in the same moment goes with it, and nothing is waited for.
    if (urgent) soon = setImmediate(() => void flush())
    else timer = setTimeout(() => void flush(), Math.max(0, lastFlush + pauseFor(open) - performance.now()))
  }

  async function flush(): Promise<void> {
    flushing = true
    urgent = false
    lastFlush = performance.now()
    const replies = [...pending]
    pending.clear()
    const flushes = replies.map(take)
    try {
      await patiently(() => write(replies, flushes))
    } catch (error) {
      for (const reply of replies) {
        reply.failure ??= { error }
        pending.delete(reply)
        reply.halt('broken', error)
      }
    }
    for (const reply of replies) {
      reply.flushing = 0
      for (const go of reply.waiting.splice(0)) go()
    }
    flushing = false
    schedule()
  }

  let unsure = false
  async function write(replies: readonly OpenReply[], flushes: readonly ReplyFlush[]): Promise<void> {
    // A write that failed may have been done all the same; what was, must not be done twice.
    const done = unsure
      ? await revisionsOf(
          database,
          flushes.map(({ id }) => id),
        )
      : undefined
    unsure = true
    const isDone = ({ id, revision, events }: ReplyFlush): boolean =>
      done?.get(id) === revision + BigInt(events.length)
    const undone = flushes.filter((one) => !isDone(one))
    const written = await flushReplies(database, undone)
    unsure = false
    for (const [index, one] of flushes.entries()) {
      const reply = replies[index]
      if (reply === undefined) continue
      const found = written.get(one.id)
      if (found === undefined && !isDone(one)) reply.halt('lost')
      else {
        if (found?.stopped === true) reply.halt('stopped')
        reply.revision = one.revision + BigInt(one.events.length)
        tell(one, found)
      }
    }
  }

  const tell = (flushed: ReplyFlush, found: FlushedReply | undefined): void => {
    const stream = replyStream(flushed.id)
    const topic = streamTopic(stream)
    // What was written without an answer says nothing of who may see it: followers look.
    if (found === undefined) bus.publish(topic, '')
    else followers.deliver(stream, viewOf(flushed, found))
    bus.tell([{ topic, payload: '' }])
  }

  return {
    open({ id, revision, halt }) {
      open += 1
      const reply: OpenReply = {
        id,
        halt,
        revision,
        length: 0,
        text: '',
        citations: [],
        events: [],
        flushing: 0,
        failure: undefined,
        begun: false,
        waiting: [],
      }
      const settled = (): Promise<void> => new Promise((resolve) => reply.waiting.push(resolve))
      return {
        async write(text, citations) {
          // What comes behind a piece that was lost would close the gap as if nothing had been there.
          if (reply.failure !== undefined) return
          for (const citation of citations) {
            reply.events.push(keptEvent({ type: 'citation', ...citation }, reply.length))
          }
          reply.citations.push(...citations)
          if (text !== '') {
            const last = reply.events.at(-1)
            const joined = last?.type === 'delta' ? `${String(last.data.text)}${text}` : text
            reply.length += text.length
            reply.text += text
            const delta = keptEvent({ type: 'delta', text: joined }, reply.length)
            if (last?.type === 'delta') reply.events[reply.events.length - 1] = delta
            else reply.events.push(delta)
          }
          if (reply.events.length === 0) return
          pending.add(reply)
          if (!reply.begun) urgent = true
          reply.begun = true
          schedule()
          if (reply.text.length + reply.flushing > MOST_PENDING) await settled()
        },
        async close() {
          if (reply.events.length > 0) urgent = true
          schedule()
          while (reply.failure === undefined && (pending.has(reply) || reply.flushing > 0)) await settled()
          pending.delete(reply)
          open -= 1
          if (reply.failure !== undefined) throw reply.failure.error
          return { revision: reply.revision, length: reply.length }
        },
      }
    },
  }
}

function pauseFor(open: number): number {
  return PAUSE_MS + PAUSE_PER_REPLY_MS * open
}

/** What a look right after the flush would have seen: the reply was locked by it, and is under way as long as that holds. */
function viewOf({ revision, events }: ReplyFlush, { reader }: FlushedReply): StreamView {
  return {
    audience: new Set(reader === null ? [] : [reader]),
    head: revision + BigInt(events.length),
    events: events.map(({ type, data }, nth) => ({ id: revision + BigInt(nth + 1), type, data })),
    over: false,
  }
}

/** Takes what is pending of a reply. */
function take(reply: OpenReply): ReplyFlush {
  const { id, revision, text, citations, events } = reply
  // Also when nothing but a citation is written: more than nothing is under way.
  reply.flushing = text.length + 1
  reply.text = ''
  reply.citations = []
  reply.events = []
  return { id, revision, text, citations, events }
}
