import { expect } from 'vitest'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { streamEvents } from '../../support/examples/stream-events.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate } from '../../support/http.ts'
import { newAddress } from '../../support/people.ts'
import { weakestAllowed } from '../../support/principals.ts'
import type { SurfaceStream } from '../../support/surfaces/index.ts'
import { until } from '../../support/until.ts'
import { type Parity, rightCall, surfacesOf } from './parity-world.ts'

const EVENTS = 3

/** Watches one stream on all surfaces at once, then resumes on each after its first event; answers how many streams. */
export async function sameStream(parity: Parity, entry: RegistryEntry): Promise<number> {
  const { input, as: token } = await rightCall(parity, entry)
  const surfaces = surfacesOf(parity, entry)
  const open = async (last?: string): Promise<Streams> => {
    const streams = await Promise.all(
      surfaces.map(({ watch }) => watch?.(entry, input, { token, headers: newAddress() }, last) ?? never()),
    )
    return {
      streams,
      async [Symbol.asyncDispose]() {
        await Promise.all(streams.map((stream) => stream[Symbol.asyncDispose]()))
      },
    }
  }
  const requireSame = (seen: Awaited<ReturnType<typeof eventsOf>>, expected: (typeof seen)[0]): void => {
    for (const [index, events] of seen.entries())
      expect(events, `${entry.path} by ${surfaces[index]?.name}`).toEqual(expected)
  }
  await using begun = await open()
  const count = await happen(parity, entry, input)
  const seen = await eventsOf(begun.streams, count)
  const [first = []] = seen
  requireSame(seen, first)
  await using resumed = await open(first[0]?.id)
  requireSame(await eventsOf(resumed.streams, count - 1), first.slice(1))
  return begun.streams.length + resumed.streams.length
}

interface Streams extends AsyncDisposable {
  readonly streams: readonly SurfaceStream[]
}

function never(): never {
  throw new Error('Every surface that serves a subscription has streams')
}

async function eventsOf(streams: readonly SurfaceStream[], count: number) {
  return Promise.all(
    streams.map((stream) =>
      until(`${count} events`, () =>
        stream.events.length >= count ? stream.events.slice(0, count) : undefined,
      ),
    ),
  )
}

/** Makes so many events in the stream that one is there to resume after. */
async function happen(parity: Parity, entry: RegistryEntry, input: unknown): Promise<number> {
  const { world } = parity
  const reader = weakestAllowed(entry.policy)
  if (entry.path === 'jobs.onProgress') {
    // The first says how the job stands.
    expectOk(
      await mutate(world.server.baseUrl, 'jobs.cancel', input, { token: world.principals[reader].token }),
    )
    return 2
  }
  // It begins with what happened before; its example has seen so much.
  if (entry.path === 'agents.runs.onEvent') return EVENTS
  for (let count = 0; count < EVENTS; count += 1) await streamEvents[entry.path]?.(world, reader)
  return EVENTS
}
