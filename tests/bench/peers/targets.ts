import type { Target } from '../bench.ts'
import { OURS } from './all-peers.ts'
import type { Result } from './figures.ts'
import type { Work } from './works.ts'

const FLOOR = 'node-http-pg'
const LEAN = 'hono-drizzle'
const FAST = 'fastify-drizzle'
const SAME_DUTIES = 'fastify-guarded'
const BATCH_SIZE = 10
const WANTED_BATCH = 3
const WANTED_PING = 0.8

/** Which of the promises hold; those for which something was not measured are left out. */
export function targetsOf(results: readonly Result[]): Target[] {
  const figure = (work: Work, server: string, of: 'perSecond' | 'processorMs') =>
    results.find((result) => result.work === work && result.server === server)?.[of].median
  const speed = (name: string, wanted: number, server: string, ours?: number, theirs?: number) =>
    atLeast(`${name}: per second`, wanted, `${server}’s`, ours, theirs)
  const pings = (name: string, server: string) =>
    speed(name, WANTED_PING, server, figure('ping', OURS, 'perSecond'), figure('ping', server, 'perSecond'))
  return [
    ...(['list', 'get', 'create'] as const).flatMap((work) => [
      speed(work, 1, FLOOR, figure(work, OURS, 'perSecond'), figure(work, FLOOR, 'perSecond')),
      atMost(
        `${work}: processor time`,
        `${LEAN}’s`,
        figure(work, OURS, 'processorMs'),
        figure(work, LEAN, 'processorMs'),
      ),
    ]),
    atLeast(
      'batch: reads per second',
      WANTED_BATCH,
      'those of single gets',
      times(figure('batch', OURS, 'perSecond'), BATCH_SIZE),
      figure('get', OURS, 'perSecond'),
    ),
    pings('ping', FAST),
    pings('ping, with the same duties', SAME_DUTIES),
  ].flatMap((target) => target ?? [])
}

function times(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value * by
}

function atLeast(name: string, wanted: number, whose: string, ours?: number, theirs?: number) {
  if (ours === undefined || theirs === undefined) return undefined
  const ratio = ours / theirs
  const measured = `${ratio.toFixed(2)} times`
  return { name, wanted: `at least ${wanted} times ${whose}`, measured, met: ratio >= wanted }
}

function atMost(name: string, whose: string, ours?: number, theirs?: number) {
  if (ours === undefined || theirs === undefined) return undefined
  const ratio = ours / theirs
  return { name, wanted: `at most ${whose}`, measured: `${ratio.toFixed(2)} times`, met: ratio <= 1 }
}
