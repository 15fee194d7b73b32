import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RegistryEntry, registryOf } from '../../server/src/contract/registry.ts'
import { examples } from '../support/examples/index.ts'
import { expectClean } from '../support/expect-clean.ts'
import { field, send } from '../support/http.ts'
import { inParallel } from '../support/in-parallel.ts'
import { liftLimits } from '../support/lift-limits.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { expectedCell, type PrincipalName, principalNames, weakestAllowed } from '../support/principals.ts'
import { createWorld, type World } from '../support/world.ts'
import { allowedCallers, call, cellOf, withRandomIds } from './access-matrix-calls.ts'

/** How many calls are under way at once. */
const WIDTH = 8

let world: World
let registry: RegistryEntry[]
const figures = { denied: 0, allowed: 0, twins: 0, batched: 0 }

beforeAll(async () => {
  world = await createWorld()
  liftLimits(world.server)
  registry = registryOf(world.server.app.router)
}, 60_000)

afterAll(async () => {
  const { denied, allowed, twins, batched } = figures
  process.stdout.write(
    `access matrix: ${registry.length} procedures × ${principalNames.length} principals; ${denied} denied, ` +
      `${allowed} allowed, ${twins} denials with the same input allowed to another, ${batched} in a batch\n`,
  )
  await world[Symbol.asyncDispose]()
})

describe('Z2 every procedure answers every principal as its policy says', () => {
  test('every procedure has an example', () => {
    const paths = registry.map(({ path }) => path)
    expect(paths.filter((path) => examples[path] === undefined)).toEqual([])
    expect(Object.keys(examples).filter((path) => !paths.includes(path))).toEqual([])
  })

  test('denied calls say no, cleanly, and change nothing; the same input is right for the weakest allowed', async () => {
    await denials()
    expect(figures.denied).toBeGreaterThan(registry.length * 5)
    expect(figures.twins).toBe(registry.length)
  }, 180_000)

  test('everybody whom the policy lets in gets in', async () => {
    await inParallel(registry, WIDTH, async (entry) => {
      for (const name of allowedCallers(entry.policy)) await allowance(entry, name)
    })
    expect(figures.allowed).toBeGreaterThan(registry.length * 3)
  }, 180_000)

  test('denied beside an allowed call in one batch: the allowed one answers, the denied one is denied', async () => {
    const queries = registry.filter(({ kind }) => kind === 'query')
    await inParallel(queries, WIDTH, inBatch)
    expect(figures.batched).toBeGreaterThan(5)
  }, 60_000)

  test('T3 what must not be batched is refused in a batch to those it lets in alone', async () => {
    const alone = registry.filter(({ policy }) => policy.batch === false)
    for (const entry of alone) await refusedInBatch(entry)
    expect(alone.length).toBeGreaterThan(3)
  }, 60_000)
})

async function denials(): Promise<void> {
  const asked = await inParallel(registry, WIDTH, async (entry) => {
    const weakest = weakestAllowed(entry.policy)
    const example = await examples[entry.path]?.(world, weakest)
    if (example === undefined) throw new Error(`${entry.path} has no example`)
    return { entry, weakest, ...example }
  })
  // Of one module at a time, so that an effect is near its cause.
  for (const module of new Set(registry.map(moduleOf))) {
    const cells = asked
      .filter(({ entry }) => moduleOf(entry) === module)
      .flatMap(({ entry, input }) => {
        const denied = principalNames.filter((name) => expectedCell(entry.policy, name) !== '200')
        return denied.map((name) => ({ entry, name, input }))
      })
    await expectNoEffect(world.server.database, () =>
      inParallel(cells, WIDTH, ({ entry, name, input }) => denial(entry, name, input)),
    )
  }
  await inParallel(asked, WIDTH, async ({ entry, weakest, input, as }) => {
    const twin = await call(world, entry, weakest, input, as)
    expect(cellOf(twin), `${entry.path} as ${weakest}: ${twin.text.slice(0, 500)}`).toBe('200')
    figures.twins += 1
  })
}

function moduleOf({ path }: RegistryEntry): string {
  return path.split('.')[0] ?? path
}

async function denial(entry: RegistryEntry, name: PrincipalName, input: unknown): Promise<void> {
  const answer = await call(world, entry, name, input)
  expectClean(answer)
  const expected = expectedCell(entry.policy, name)
  expect(cellOf(answer), `${entry.path} as ${name}: ${answer.text.slice(0, 500)}`).toBe(expected)
  figures.denied += 1
  if (expected !== '404') return
  const random = await call(world, entry, name, withRandomIds(input))
  const bare = (text: string) => text.replaceAll(/"(traceId|requestId)":"[^"]*"/g, '')
  expect(bare(answer.text), `${entry.path}: not yours and not there are one answer`).toBe(bare(random.text))
}

async function allowance(entry: RegistryEntry, name: PrincipalName): Promise<void> {
  const example = await examples[entry.path]?.(world, name)
  const answer = await call(world, entry, name, example?.input, example?.as)
  expect(cellOf(answer), `${entry.path} as ${name}: ${answer.text.slice(0, 500)}`).toBe('200')
  expectClean(answer, { tokens: true })
  figures.allowed += 1
}

async function inBatch(entry: RegistryEntry): Promise<void> {
  if (entry.policy.batch === false || !/^40[34]/.test(expectedCell(entry.policy, 'stranger'))) return
  const { input } = (await examples[entry.path]?.(world, weakestAllowed(entry.policy))) ?? {}
  const inputs = encodeURIComponent(JSON.stringify({ 1: input }))
  const answer = expectClean(
    await send(`${world.server.baseUrl}/trpc/users.me,${entry.path}?batch=1&input=${inputs}`, {
      headers: { authorization: `Bearer ${world.principals.stranger.token}` },
    }),
  )
  expect(answer.status, answer.text.slice(0, 500)).toBe(207)
  const [allowed, denied] = Array.isArray(answer.body) ? answer.body : []
  expect(field(field(field(allowed, 'result'), 'data'), 'id')).toBe(world.principals.stranger.id)
  expect(String(field(field(field(denied, 'error'), 'data'), 'httpStatus'))).toBe(
    expectedCell(entry.policy, 'stranger').slice(0, 3),
  )
  figures.batched += 1
}

async function refusedInBatch(entry: RegistryEntry): Promise<void> {
  const name = weakestAllowed(entry.policy)
  const { input, as } = (await examples[entry.path]?.(world, name)) ?? {}
  const token = as ?? world.principals[name].token
  const answer = await expectNoEffect(world.server.database, () =>
    send(`${world.server.baseUrl}/trpc/${entry.path},${entry.path}?batch=1`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ 0: input, 1: input }),
    }),
  )
  expect(expectClean(answer).status, entry.path).toBe(400)
  expect(answer.text).toContain('NOT_BATCHABLE')
}
