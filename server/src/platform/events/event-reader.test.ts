import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createBus } from './bus.ts'
import { createEventReader } from './event-reader.ts'
import type { StoredEvent, StreamSource, StreamView } from './stream-source.ts'

const STREAM = 'test:1'
const READER = 'ada'

/** A stream in memory that takes `turns()` turns of the loop to look at, seen as it was in one of them. */
function memoryStream(turns: () => number) {
  const bus = createBus({ kind: 'embedded' })
  const reader = createEventReader({ bus, backstop: { watch: () => () => undefined } })
  const events: StoredEvent[] = []
  let looks = 0
  const source: StreamSource = {
    stream: STREAM,
    topics: [STREAM],
    async look(after, readers) {
      looks += 1
      for (let left = turns(); left > 0; left -= 1) await turn()
      const view = { audience: new Set(readers), head: BigInt(events.length) }
      const seen = after === undefined ? [] : events.filter(({ id }) => id > after)
      for (let left = turns(); left > 0; left -= 1) await turn()
      return { ...view, events: seen }
    },
    refused: () => new Error('refused'),
    unknownId: () => new Error('unknown'),
    tooOld: () => new Error('too old'),
  }
  /** Commits `count` events; what the process that did it knows then. */
  const commit = (count: number): StreamView => {
    const first = events.length + 1
    const added = Array.from({ length: count }, (_, nth) => ({
      id: BigInt(first + nth),
      type: 'one',
      data: null,
    }))
    events.push(...added)
    return { audience: new Set([READER]), head: BigInt(events.length), events: added }
  }
  const follow = async (after: bigint, signal: AbortSignal) => {
    const followed = await reader.follow({ source, reader: READER, after, signal })
    return followed.events
  }
  return { bus, reader, commit, follow, looks: () => looks }
}

test('what is handed over needs no look, and comes once and in order', async () => {
  const stream = memoryStream(() => 1)
  const over = new AbortController()
  const events = await stream.follow(0n, over.signal)
  const looks = stream.looks()
  const seen: bigint[] = []
  const reading = (async () => {
    for await (const { id } of events) {
      seen.push(id)
      if (id === 6n) over.abort()
    }
  })()
  for (const count of [1, 2, 3]) {
    stream.reader.deliver(STREAM, stream.commit(count))
    await turn()
  }
  await reading
  expect(seen).toEqual([1n, 2n, 3n, 4n, 5n, 6n])
  expect(stream.looks()).toBe(looks)
})

test('who misses what came before it reads by themselves', async () => {
  const stream = memoryStream(() => 1)
  const over = new AbortController()
  const events = await stream.follow(0n, over.signal)
  stream.commit(2)
  stream.reader.deliver(STREAM, stream.commit(1))
  const seen: bigint[] = []
  for await (const { id } of events) {
    seen.push(id)
    if (id === 3n) break
  }
  expect(seen).toEqual([1n, 2n, 3n])
})

test('who may not see the stream any more is refused with what is handed over', async () => {
  const stream = memoryStream(() => 1)
  const events = await stream.follow(0n, new AbortController().signal)
  stream.reader.deliver(STREAM, { ...stream.commit(1), audience: new Set() })
  await expect(events[Symbol.asyncIterator]().next()).rejects.toThrow('refused')
})

test('handing over, wake-ups and slow looks in any order make nobody miss or repeat anything', async () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = randomFrom(seed)
    const upTo = (most: number): number => Math.floor(random() * (most + 1))
    const stream = memoryStream(() => upTo(4))
    // Few, so that what is missed at the end is not made up for by what comes later.
    const total = 1 + upTo(5)
    let committed = 0
    const write = async (): Promise<void> => {
      while (committed < total) {
        const count = Math.min(1 + upTo(2), total - committed)
        committed += count
        const view = stream.commit(count)
        // The answer of the commit takes a while.
        for (let left = upTo(2); left > 0; left -= 1) await turn()
        if (random() < 0.7) stream.reader.deliver(STREAM, view)
        else stream.bus.publish(STREAM, '')
        for (let left = upTo(3); left > 0; left -= 1) await turn()
      }
    }
    const read = async (wanted: number): Promise<void> => {
      for (let left = upTo(2 * total); left > 0; left -= 1) await turn()
      const after = Math.min(wanted, committed)
      const over = new AbortController()
      const seen: bigint[] = []
      for await (const { id } of await stream.follow(BigInt(after), over.signal)) {
        seen.push(id)
        if (random() < 0.2) await turn()
        if (id === BigInt(total)) over.abort()
      }
      const all = Array.from({ length: total - after }, (_, nth) => BigInt(after + nth + 1))
      expect(seen, `seed ${seed}`).toEqual(all)
    }
    await Promise.all([write(), read(0), read(0), read(upTo(total - 1))])
  }
})

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
