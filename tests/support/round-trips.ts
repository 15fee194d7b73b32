import { registryOf } from '../../server/src/contract/registry.ts'
import { examples } from './examples/index.ts'
import { type Answer, mutate, query, send } from './http.ts'
import { newAddress } from './people.ts'
import { weakestAllowed } from './principals.ts'
import { type DatabaseUse, watchStatements } from './statements.ts'
import { createWorld, type World } from './world.ts'

/** How a procedure uses the database once everything is warm. */
export interface RoundTrips extends DatabaseUse {
  readonly path: string
  readonly kind: 'query' | 'mutation'
  /** What the server says of itself in `Server-Timing`: every statement, BEGIN and COMMIT too. */
  readonly total: number
}

/**
 * Calls every query and mutation on a server of its own with a valid input, in a session that has been used before,
 * and counts.
 * @throws Error when a call is refused
 */
export async function countRoundTrips(): Promise<RoundTrips[]> {
  using watch = watchStatements()
  await using world = await createWorld()
  const found: RoundTrips[] = []
  for (const { path, kind, policy } of registryOf(world.server.app.router)) {
    if (kind === 'subscription') continue
    const caller = weakestAllowed(policy)
    const { traceId, total } = await callOnce(world, { path, kind, caller })
    found.push({ path, kind, total, ...watch.useOf(traceId) })
  }
  return found
}

/**
 * How many round trips a batch of ten calls of each of these queries takes, each with the same valid input ten times, by
 * path.
 * @throws Error when a call is refused
 */
export async function countBatches(paths: readonly string[]): Promise<Record<string, number>> {
  await using world = await createWorld()
  const found: Record<string, number> = {}
  for (const { path, policy } of registryOf(world.server.app.router)) {
    if (!paths.includes(path)) continue
    const { input, token } = await exampleOf(world, path, weakestAllowed(policy))
    const ten = Array.from({ length: 10 }, () => path).join(',')
    const inputs = encodeURIComponent(JSON.stringify({ ...Array.from({ length: 10 }, () => input) }))
    const answer = await send(`${world.server.baseUrl}/trpc/${ten}?batch=1&input=${inputs}`, {
      headers: { authorization: `Bearer ${token}`, ...newAddress() },
    })
    found[path] = roundTripsOf(requireOk(path, answer))
  }
  return found
}

interface Call {
  readonly path: string
  readonly kind: RoundTrips['kind']
  readonly caller: ReturnType<typeof weakestAllowed>
}

async function callOnce(
  world: World,
  { path, kind, caller }: Call,
): Promise<{ traceId: string; total: number }> {
  const { input, token } = await exampleOf(world, path, caller)
  const call = kind === 'query' ? query : mutate
  const answer = await call(world.server.baseUrl, path, input, { token, headers: newAddress() })
  requireOk(path, answer)
  return { traceId: answer.headers.get('x-request-id') ?? '', total: roundTripsOf(answer) }
}

/** A valid input, and a token whose session is warm. */
async function exampleOf(world: World, path: string, caller: Call['caller']) {
  const example = await examples[path]?.(world, caller)
  if (example === undefined) throw new Error(`There is no example of ${path}`)
  const token = 'as' in example ? example.as : world.principals[caller].token
  // The first call of a session looks it up.
  if (token !== undefined) await query(world.server.baseUrl, 'users.me', undefined, { token })
  return { input: example.input, token }
}

function requireOk(path: string, answer: Answer): Answer {
  if (answer.status === 200) return answer
  throw new Error(`${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`)
}

/** The number in `Server-Timing: …, db;desc="N round trips"`. */
function roundTripsOf(answer: Answer): number {
  const found = /db;desc="(\d+) round trips"/.exec(answer.headers.get('server-timing') ?? '')
  if (found === null) throw new Error('The answer does not say how many round trips it took')
  return Number(found[1])
}
