import { describe, expect, test } from 'vitest'
import type { Operation } from '../workload/operation-log.ts'
import type { WatchedEvent } from '../workload/watchers.ts'
import { check } from './check.ts'
import type { Evidence } from './evidence.ts'

const operation = (op: string, last: Operation['last'], code = 'OK'): Operation => ({
  op,
  kind: 'tasks.create',
  effects: [`row ${op}`, `event task.created ${op}`],
  first: last,
  last,
  code,
  tookMs: 1,
})
const event = (id: number): WatchedEvent => ({
  id: String(id),
  type: 'task.created',
  taskId: `task ${id}`,
  version: 1,
  at: 0,
})
const stream = [event(1), event(2), event(3)]

/** A round in which nothing went wrong. */
const sound: Evidence = {
  operations: [operation('a', 'ok'), operation('b', 'ok'), operation('c', 'refused', 'VERSION_CONFLICT')],
  effects: new Map([
    ['row a', 1],
    ['event task.created a', 1],
    ['row b', 1],
    ['event task.created b', 1],
  ]),
  counters: [{ name: 'counter 1', history: [1, 2, 3], now: 3 }],
  stream,
  watched: [{ watcher: 'watcher 1', events: stream, ended: undefined }],
  complaints: [],
}
const NOTHING = { lost: [], duplicated: [], wrong: [] }
const effects = (changes: Record<string, number>): Evidence['effects'] => {
  const merged = new Map([...sound.effects, ...Object.entries(changes)])
  return new Map([...merged].filter(([, times]) => times > 0))
}
const watched = (events: readonly WatchedEvent[], ended?: string): Evidence['watched'] => [
  { watcher: 'watcher 1', events, ended },
]

test('a sound round has no findings', () => {
  expect(check(sound)).toEqual(NOTHING)
})

/** One defect each, and what must be said of it; nothing else may be. */
describe('every defect is found, and named for what it is', () => {
  test.each<[string, Partial<Evidence>, Partial<ReturnType<typeof check>>]>([
    [
      'an acknowledged row that is gone',
      { effects: effects({ 'row a': 0 }) },
      { lost: ['"row a" of tasks.create a was ok (OK)'] },
    ],
    [
      'an acknowledged change without its event',
      { effects: effects({ 'event task.created b': 0 }) },
      { lost: ['"event task.created b" of tasks.create b was ok (OK)'] },
    ],
    ['a row that is there twice', { effects: effects({ 'row a': 2 }) }, { duplicated: ['2 × "row a"'] }],
    [
      'a refused change that happened',
      { effects: effects({ 'row c': 1 }) },
      { wrong: ['"row c" although tasks.create c was refused (VERSION_CONFLICT)'] },
    ],
    [
      'a refusal without a reason',
      { operations: [...sound.operations, operation('d', 'refused', 'UNAUTHORIZED')] },
      { wrong: ['tasks.create d was refused (UNAUTHORIZED), which nothing justifies'] },
    ],
    [
      'an outcome that nobody could tell',
      { operations: [...sound.operations, operation('d', 'unknown', 'NETWORK_ERROR')] },
      { wrong: ['tasks.create d was unknown (NETWORK_ERROR): nobody could tell its outcome'] },
    ],
    [
      'something that nobody asked for',
      { effects: effects({ 'row ghost': 1 }) },
      { wrong: ['1 × "row ghost", which nobody asked for'] },
    ],
    [
      'two updates that read the same number',
      { counters: [{ name: 'counter 1', history: [1, 2, 2], now: 2 }] },
      { wrong: ['counter 1 went 1, 2, 2', 'counter 1 is 2 after 3 updates'] },
    ],
    [
      'a hole in the stream',
      { stream: [event(1), event(3)], watched: watched([event(1), event(3)]) },
      { wrong: ['event 3 stands where 2 should'] },
    ],
    [
      'an event that a watcher never saw',
      { watched: watched([event(1), event(3)]) },
      { lost: ['watcher 1 did not see 1 events, first 2'] },
    ],
    [
      'an event that a watcher saw twice',
      { watched: watched([event(1), event(2), event(2), event(3)]) },
      { duplicated: ['watcher 1 saw 1 events again, first 2'] },
    ],
    [
      'events that came in another order',
      { watched: watched([event(1), event(3), event(2)]) },
      { wrong: ['watcher 1 saw event 2 too late'] },
    ],
    [
      'an event that is not the one that is kept',
      { watched: watched([event(1), { ...event(2), version: 7 }, event(3)]) },
      { wrong: ['watcher 1 saw another event 2 than is kept'] },
    ],
    [
      'a watcher that was sent away',
      { watched: watched(stream, 'UNAUTHORIZED') },
      { wrong: ['watcher 1 was sent away: UNAUTHORIZED'] },
    ],
    [
      'what is wrong by itself',
      { complaints: ['api-1 ended by itself'] },
      { wrong: ['api-1 ended by itself'] },
    ],
  ])('%s', (_name, defect, expected) => {
    expect(check({ ...sound, ...defect })).toEqual({ ...NOTHING, ...expected })
  })
})
