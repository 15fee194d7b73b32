import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  type Deprecation,
  deprecationHeaders,
  deprecationText,
} from '../../../server/src/contract/deprecation.ts'
import { query, router } from '../../../server/src/contract/procedure.ts'
import { registryOf } from '../../../server/src/contract/registry.ts'

function procedure(deprecated?: Deprecation) {
  const policy = { access: { who: 'public' }, scope: 'none', limit: 'read' } as const
  return query({
    summary: 'Answers.',
    policy: deprecated === undefined ? policy : { ...policy, deprecated },
    input: z.strictObject({}),
    output: z.object({ ok: z.boolean() }),
    run: async () => ({ ok: true }),
  })
}

const sound = { since: '2026-11-21', use: 'things.find', sunset: '2027-06-30' } as const

test('the headers are those of RFC 9745, RFC 8594 and RFC 5829', () => {
  const entry = { policy: { deprecated: sound } }
  expect(deprecationHeaders(entry, '/api/v1/things/find')).toEqual({
    Deprecation: '@1795219200',
    Sunset: 'Wed, 30 Jun 2027 00:00:00 GMT',
    Link: '</api/v1/things/find>; rel="successor-version"',
  })
  expect(deprecationHeaders({ policy: {} })).toEqual({})
})

test('the sentence names day and replacement', () => {
  expect(deprecationText(sound)).toBe('Deprecated since 2026-11-21, gone from 2027-06-30: use `things.find`.')
  expect(deprecationText({ since: '2026-11-21', use: 'a.b' }, (path) => `plinth ${path}`)).toBe(
    'Deprecated since 2026-11-21: use plinth a.b.',
  )
})

test.each([
  [
    { ...sound, since: '0.2.0' },
    'things.get: policy.deprecated.since is "0.2.0"; give a day such as 2026-11-21',
  ],
  [{ ...sound, since: '2026-02-30' }, 'since is "2026-02-30"'],
  [{ ...sound, sunset: 'soon' }, 'sunset is "soon"'],
  [{ ...sound, sunset: '2026-11-21' }, 'sunset is 2026-11-21, which is not after 2026-11-21'],
  [{ ...sound, use: 'things.gone' }, 'use names things.gone, and there is no such procedure'],
  [{ ...sound, use: 'things.get' }, 'use names things.get, which is deprecated itself'],
])('%o is refused at start-up', (deprecated, message) => {
  const made = router({ things: router({ get: procedure(deprecated), find: procedure() }) })
  expect(() => registryOf(made)).toThrow(message)
})
