import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { restRoutes } from '../../../server/src/surfaces/rest/route-table.ts'
import { inParallel } from '../../support/in-parallel.ts'
import { connectMcp } from '../../support/mcp.ts'
import { principalNames } from '../../support/principals.ts'
import { allowedOnEveryDoor, deniedOnEveryDoor } from './doors.ts'
import { leftOut } from './left-out.ts'
import { sameMutation } from './mutations.ts'
import { openParity, type Parity, WIDTH } from './parity-world.ts'
import { sameQueries } from './queries.ts'
import { sameRefusals } from './refusals.ts'
import { sameStream } from './streams.ts'

let parity: Parity
const figures = {
  leftOut: 0,
  doors: { denied: 0, hidden: 0, allowed: 0, sampled: new Set<string>() },
  queries: 0,
  refusals: 0,
  streams: 0,
  mutations: { calls: 0, replayed: 0, replayedElsewhere: 0, mismatched: 0 },
}

beforeAll(async () => {
  parity = await openParity()
}, 60_000)

afterAll(async () => {
  const { queries, refusals, streams, mutations, doors } = figures
  process.stdout.write(
    `parity: ${parity.registry.length} procedures × ${parity.surfaces.map(({ name }) => name).join(', ')}; alike: ` +
      `${queries} queries, ${mutations.calls} mutations, ${refusals} refusals of bad input, ${streams} streams; ` +
      `keys: ${mutations.replayed} repeated, ${mutations.replayedElsewhere} on another surface, ` +
      `${mutations.mismatched} with other input\n` +
      `doors: ${parity.registry.length} procedures × ${parity.surfaces.length} surfaces × ${principalNames.length} ` +
      `principals: ${doors.denied} denied, ${doors.hidden} like what is not there, ${doors.allowed} allowed, ${figures.leftOut} left out\n`,
  )
  await parity?.[Symbol.asyncDispose]()
})

describe('a procedure is the same on every surface', () => {
  test('queries: answer, log line, count against the limit, trace id', async () => {
    figures.queries = await sameQueries(parity)
    expect(figures.queries).toBeGreaterThan(0)
  })

  test('mutations: answer, audit, job, log line, count, trace id, and once with one key', async () => {
    const mutations = parity.registry.filter(({ kind }) => kind === 'mutation')
    await inParallel(mutations, WIDTH, (entry) => sameMutation(parity, entry, figures.mutations))
  }, 180_000)

  test('bad input: code, message, issues, count, and nothing in the audit trail', async () => {
    figures.refusals = await sameRefusals(parity)
    expect(figures.refusals).toBeGreaterThan(0)
  }, 180_000)

  test('subscriptions: the same events in the same order, and after the one last seen', async () => {
    const subscriptions = parity.registry.filter(({ kind }) => kind === 'subscription')
    for (const entry of subscriptions) figures.streams += await sameStream(parity, entry)
    expect(figures.streams).toBeGreaterThan(subscriptions.length)
  })
})

describe('Z2 every door answers every principal as the policy says', () => {
  test('denied: in the same words, cleanly, without effect; what is not theirs is as if it were not there', async () => {
    await deniedOnEveryDoor(parity, figures.doors)
    expect(figures.doors.denied).toBeGreaterThan(parity.registry.length * 5)
    // Nobody is let in everywhere: whoever is left out of the sample is left out of the proof.
    const tried = [...figures.doors.sampled].filter((one) => one.startsWith('sdk ')).length
    expect(tried).toBe(principalNames.length)
  }, 180_000)

  test('allowed: every query for everybody whom its policy lets in', async () => {
    await allowedOnEveryDoor(parity, figures.doors)
    expect(figures.doors.allowed).toBeGreaterThan(parity.registry.length)
  }, 180_000)

  test('what a policy leaves out of a surface is there as if it did not exist', async () => {
    figures.leftOut = await leftOut(parity)
    expect(figures.leftOut).toBeGreaterThan(0)
  })

  test('T15 what is mounted is this list, and every tool and operation is a procedure with a policy', async () => {
    expect(parity.mounted).toMatchInlineSnapshot(`
      [
        "every path: straight",
        "every path: refuseEarly",
        "every path: middleware",
        "every path: corsMiddleware",
        "GET /livez",
        "GET /readyz",
        "GET /readyz",
        "GET /api/health",
        "every path: middleware",
        "every path: middleware",
        "every path: beforeWork",
        "/trpc/**",
        "/api/v1/**",
        "ANY /mcp/",
        "GET /contract.json",
        "GET /openapi.json",
        "GET /llms.txt",
        "GET /llms-full.txt",
        "GET /docs/errors",
        "GET /docs",
        "GET /docs/assets/:name",
        "ANY /files/:id",
        "every path: middleware",
        "every path: middleware",
      ]
    `)
    const paths = parity.registry.map(({ path }) => path)
    expect(restRoutes(parity.registry).filter(({ entry }) => !paths.includes(entry.path))).toEqual([])
    const { server, principals } = parity.world
    await using client = await connectMcp(server, principals.superAdmin.token)
    const { tools } = await client.listTools()
    expect(tools.length).toBeGreaterThan(10)
    expect(
      tools.map(({ name }) => name).filter((name) => !paths.includes(name.replaceAll('_', '.'))),
    ).toMatchInlineSnapshot(`
      [
        "search_procedures",
        "call_procedure",
        "wait_for_events",
      ]
    `)
  })
})
