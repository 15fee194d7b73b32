import { expect, test } from 'vitest'
import { releaseInChangelog } from '../../../server/src/commands/contract/changelog.ts'
import { compareContracts } from '../../../server/src/commands/contract/compare-contracts.ts'
import type {
  Contract,
  ContractOperation,
  ContractProcedure,
} from '../../../server/src/commands/contract/contract.ts'
import { describeContract } from '../../../server/src/commands/contract/describe-contract.ts'
import type { Difference } from '../../../server/src/commands/contract/difference.ts'
import { printReport, sentenceOf } from '../../../server/src/commands/contract/print-report.ts'
import {
  refusalOf,
  servedVersions,
  shortfallOf,
  withRelease,
} from '../../../server/src/commands/contract/release.ts'
import { neededStep, raised } from '../../../server/src/commands/contract/version.ts'
import { registryOf } from '../../../server/src/contract/registry.ts'
import { fixtureRouter } from '../../types/fixture-router.ts'

const fixture = describeContract(registryOf(fixtureRouter), '1.2.3', [
  { version: '1.0.0', date: '2026-01-01', breaking: true },
  { version: '1.2.3', date: '2026-02-01', breaking: false },
])

const operation: ContractOperation = {
  method: 'POST',
  path: '/things/{id}',
  pathFields: ['id'],
  queryFields: [],
  body: 'none',
  bodyFields: [],
  status: 200,
  located: null,
  versioned: false,
}

const base: ContractProcedure = {
  kind: 'mutation',
  input: {
    type: 'object',
    properties: { id: { type: 'string' } },
    required: ['id'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: { ok: { type: 'boolean' } },
    required: ['ok'],
    additionalProperties: false,
  },
  job: null,
  access: 'member:editor',
  scope: 'tasks:write',
  limit: 'write: 300 in 10 s',
  freshMinutes: 15,
  batch: true,
  idempotent: false,
  destructive: false,
  upload: { maxBytes: 100, types: ['image/png', 'image/jpeg'] },
  errors: ['OVERLOADED'],
  deprecated: null,
  rest: operation,
  command: { words: 'things touch', positional: 'id', flags: ['id'] },
  tool: { listed: true, readOnly: false, destructive: false, idempotent: false },
  agent: true,
}

function contractWith(procedure: ContractProcedure): Contract {
  return { ...fixture, types: { input: {}, output: {} }, procedures: { 'things.touch': procedure } }
}

function said(change: Partial<ContractProcedure>, before: Partial<ContractProcedure> = {}): string[] {
  const was = { ...base, ...before }
  return compareContracts(contractWith(was), contractWith({ ...was, ...change })).map(
    ({ verdict, at, what, callers }) => {
      const whom = verdict === 'breaking' ? ` [${callers.join(' ')}]` : ''
      return `${verdict === 'breaking' ? '✗' : '+'} ${at} ${what}${whom}`
    },
  )
}

const ALL = '[SDK REST command tool]'
const job = { name: 'things.touch', result: { type: 'integer' as const } }

test.each<[string, Partial<ContractProcedure>, string[], Partial<ContractProcedure>?]>([
  ['stricter access', { access: 'member:owner' }, [`✗ access is member:owner now, was member:editor ${ALL}`]],
  ['looser access', { access: 'member:viewer' }, ['+ access is member:viewer now, was member:editor']],
  ['members to admins', { access: 'admin' }, [`✗ access is admin now, was member:editor ${ALL}`]],
  ['anyone', { access: 'public' }, ['+ access is public now, was member:editor']],
  ['another scope', { scope: 'tasks:read' }, [`✗ scope is tasks:read now, was tasks:write ${ALL}`]],
  ['keys too', { scope: 'tasks:write' }, ['+ scope is tasks:write now, was session'], { scope: 'session' }],
  ['a limit', { limit: 'mail: 5 in 60 s' }, ['+ limit is mail: 5 in 60 s now, was write: 300 in 10 s']],
  [
    'a fresher password',
    { freshMinutes: 5 },
    [`✗ freshMinutes a password proven 5 minutes ago is enough now, was 15 minutes ago ${ALL}`],
  ],
  [
    'no password',
    { freshMinutes: null },
    ['+ freshMinutes a password proven at any time is enough now, was 15 minutes ago'],
  ],
  ['no batch', { batch: false }, ['✗ batch cannot be part of a batch any more [SDK]']],
  [
    'not idempotent',
    { idempotent: false },
    [`✗ idempotent cannot be called twice without harm any more ${ALL}`],
    { idempotent: true },
  ],
  [
    'destructive',
    { destructive: true },
    ['✗ destructive asks for confirmation now, which scripts cannot give [command tool]'],
  ],
  [
    'smaller files',
    { upload: { maxBytes: 50, types: null } },
    [`✗ upload takes 50 bytes of any type now ${ALL}`],
  ],
  ['more types', { upload: { maxBytes: 100, types: null } }, ['+ upload takes 100 bytes of any type now']],
  ['a reason more', { errors: ['OVERLOADED', 'SLUG_TAKEN'] }, ['+ errors can fail with SLUG_TAKEN']],
  ['a reason less', { errors: [] }, ['+ errors never fails with OVERLOADED any more']],
  ['a job', { job }, [`✗ job answers with a job (things.touch) now, at once ${ALL}`]],
  [
    'a job answers otherwise',
    { job: { ...job, result: { type: 'string' } } },
    [`✗ job result is text now, was integer ${ALL}`],
    { job },
  ],
  ['another kind', { kind: 'query' }, [`✗ kind is query now, was mutation ${ALL}`]],
  ['no REST', { rest: null }, ['✗ REST is gone [REST]']],
  ['a tool', { tool: base.tool }, ['+ tool is new'], { tool: null }],
  [
    'not listed',
    { tool: { listed: false, readOnly: false, destructive: false, idempotent: false } },
    ['✗ tool is found by search only [tool]'],
  ],
  [
    'another address',
    { rest: { ...operation, method: 'PUT' } },
    ['✗ REST is PUT /things/{id} now, was POST /things/{id} [REST]'],
  ],
  ['another name in the address', { rest: { ...operation, path: '/things/{thing}' } }, []],
  [
    'a field elsewhere',
    { rest: { ...operation, pathFields: [], queryFields: ['id'] } },
    ['✗ REST id comes in the query now, came in the path [REST]'],
  ],
  ['another status', { rest: { ...operation, status: 204 } }, ['✗ REST status is 204 now, was 200 [REST]']],
  [
    'a flag needed',
    { command: { words: 'things touch', positional: null, flags: ['id'] } },
    ['✗ command <id> needs its flag now [command]'],
  ],
  [
    'deprecated',
    { deprecated: { since: '2026-11-21', use: 'things.poke', sunset: '2027-06-30' } },
    ['+ deprecated since 2026-11-21, gone from 2027-06-30: use things.poke'],
  ],
  ['nothing to send', { input: null }, [`✗ input is gone ${ALL}`]],
])('%s', (_title, change, lines, before) => {
  expect(said(change, before)).toEqual(lines)
})

test('a procedure new is additive, one gone breaks, and a contract is equal to itself', () => {
  const { 'labels.create': _gone, ...others } = fixture.procedures
  const less = { ...fixture, procedures: others }
  expect(compareContracts(fixture, structuredClone(fixture))).toEqual([])
  expect(compareContracts(less, fixture)).toMatchObject([{ verdict: 'additive', where: 'labels.create' }])
  expect(compareContracts(fixture, less)).toMatchObject([{ verdict: 'breaking', what: 'is gone' }])
})

test('a named schema is told once, with whom it breaks, and its name is part of the SDK', () => {
  const Label = { ...fixture.types.output.Label, required: ['name'] }
  const looser = { ...fixture, types: { ...fixture.types, output: { ...fixture.types.output, Label } } }
  expect(compareContracts(fixture, looser).map(sentenceOf)).toEqual([
    '`Label` output.colour can be missing now',
  ])
  const { Label: _input, ...input } = fixture.types.input
  const { Label: _output, ...output } = fixture.types.output
  const nameless = compareContracts(
    { ...fixture, procedures: {} },
    { ...fixture, procedures: {}, types: { input, output } },
  )
  expect([...new Set(nameless.map(sentenceOf))]).toEqual(['`Label` name is exported no more'])
})

const breaking: Difference = {
  verdict: 'breaking',
  section: 'Removed',
  where: 'a.b',
  at: 'input.c',
  what: 'is gone',
  callers: ['SDK', 'command'],
  instead: 'go on taking it',
}
const additive: Difference = { ...breaking, verdict: 'additive', section: 'Added', what: 'is new: text' }

test('the report says what, for whom, and what to do', () => {
  expect(printReport([breaking, additive])).toBe(
    [
      '✗ a.b input.c is gone',
      '    breaks:  programs on the SDK, scripts with the command line',
      '    instead: go on taking it',
      '+ a.b input.c is new: text',
    ].join('\n'),
  )
})

test.each([
  ['1.2.3', [breaking], '2.0.0'],
  ['1.2.3', [additive], '1.3.0'],
  ['1.2.3', [], '1.2.4'],
  ['0.2.3', [breaking, additive], '0.3.0'],
  ['0.2.3', [additive], '0.2.4'],
])('after %s come %o in %s', (version, differences, next) => {
  expect(raised(version, neededStep(version, differences))).toBe(next)
})

test('what breaks fails until the version says so; a release needs a raised version', () => {
  expect(shortfallOf(fixture, '1.2.3', [additive])).toBeUndefined()
  expect(shortfallOf(fixture, '1.2.3', [breaking])).toContain('2.0.0 is the least')
  expect(shortfallOf(fixture, '1.3.0', [breaking])).toContain('2.0.0 is the least')
  expect(shortfallOf(fixture, '2.0.0', [breaking])).toBeUndefined()
  expect(refusalOf(fixture, '1.2.3', [additive], false)).toContain('1.3.0 is the least')
  expect(refusalOf(fixture, '1.2.2', [], false)).toContain('1.2.3 is released')
  expect(refusalOf(fixture, '1.3.0', [additive], false)).toBeUndefined()
  expect(refusalOf(fixture, '1.2.3', [breaking], true)).toBeUndefined()
})

test('a server serves in full what was released since it last broke, and what breaks now counts', () => {
  expect(servedVersions(fixture, '1.2.3', [additive]).since).toBe('1.0.0')
  expect(servedVersions(fixture, '2.0.0', [breaking])).toEqual({
    version: '2.0.0',
    since: '2.0.0',
    releases: ['1.0.0', '1.2.3', '2.0.0'],
  })
  expect(withRelease(fixture, '2.0.0', '2026-11-21', [breaking]).at(-1)).toEqual({
    version: '2.0.0',
    date: '2026-11-21',
    breaking: true,
  })
})

test('the changelog has the words that were waiting, then what differs', () => {
  const first = releaseInChangelog(undefined, { version: '1.0.0', date: '2026-11-21', differences: [] })
  const words = first.replace('## Unreleased\n', '## Unreleased\n\nA word about it.\n')
  const second = releaseInChangelog(words, {
    version: '2.0.0',
    date: '2026-12-01',
    differences: [breaking, additive],
  })
  expect(second.slice(second.indexOf('## Unreleased'))).toMatchInlineSnapshot(`
    "## Unreleased

    ## 2.0.0 - 2026-12-01

    A word about it.

    ### Breaking

    - a.b input.c is gone (SDK, command)

    ### Added

    - a.b input.c is new: text

    ## 1.0.0 - 2026-11-21
    "
  `)
})
