import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { inParallel } from '../../support/in-parallel.ts'
import { newAddress } from '../../support/people.ts'
import { factsOf } from './facts.ts'
import { type Parity, rightCall, surfacesOf, WIDTH } from './parity-world.ts'

/** What they answer holds a moment: each call's is another. */
const CHANGING: ReadonlySet<string> = new Set(['files.link', 'system.ping'])

/** Asks every query the same question on every surface, while nothing changes; answers how many calls were alike. */
export async function sameQueries(parity: Parity): Promise<number> {
  const queries = parity.registry.filter(({ kind }) => kind === 'query')
  const asked = await inParallel(queries, WIDTH, async (entry) => ({
    entry,
    ...(await rightCall(parity, entry)),
  }))
  let calls = 0
  await inParallel(asked, WIDTH, async ({ entry, input, as: token }) => {
    let reference: unknown
    for (const surface of surfacesOf(parity, entry)) {
      const traceId = randomUUID().replaceAll('-', '')
      const outcome = await surface.call(entry, input, { token, traceId, headers: newAddress() })
      const what = `${entry.path} by ${surface.name}`
      expect(outcome.error, `${what}: ${outcome.text.slice(0, 500)}`).toBeUndefined()
      const { same, surfaces } = await factsOf(parity, traceId, input, outcome)
      expect(new Set(surfaces), what).toEqual(new Set([surface.recordedAs]))
      expect([same.points, same.lines], `${what}: one point, one line`).toMatchObject([[{}], [{}]])
      const whole = { ...same, data: CHANGING.has(entry.path) ? same.data : outcome.data }
      reference ??= whole
      expect(whole, what).toEqual(reference)
      calls += 1
    }
  })
  return calls
}
