import { expect } from 'vitest'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { inParallel } from '../../support/in-parallel.ts'
import { leakOf } from '../../support/leak.ts'
import { expectNoEffect } from '../../support/no-effect.ts'
import { newAddress } from '../../support/people.ts'
import { expectedCell, type PrincipalName, principalNames, weakestAllowed } from '../../support/principals.ts'
import type { Outcome, Surface, SurfaceName } from '../../support/surfaces/index.ts'
import { RefusedStream } from '../../support/surfaces/refused-stream.ts'
import { withRandomIds } from '../access-matrix-calls.ts'
import { type Parity, rightCall, surfacesOf, WIDTH } from './parity-world.ts'

/** How many cells of the access matrix were tried. */
export interface DoorFigures {
  denied: number
  hidden: number
  /** Which principals were tried on the surfaces that are only tried with some. */
  readonly sampled: Set<string>
  allowed: number
}

interface Cell {
  readonly entry: RegistryEntry
  readonly surface: Surface
  readonly name: PrincipalName
  readonly input: unknown
}

/** Tries on every door what the policy denies; what is denied is said cleanly, in the same words, and does nothing. */
export async function deniedOnEveryDoor(parity: Parity, figures: DoorFigures): Promise<void> {
  const { world, registry } = parity
  const asked = await inParallel(registry, WIDTH, async (entry) => ({
    entry,
    ...(await rightCall(parity, entry)),
  }))
  // Of one module at a time, so that an effect is near its cause.
  for (const module of new Set(registry.map(moduleOf))) {
    const cells = asked
      .filter(({ entry }) => moduleOf(entry) === module)
      .flatMap(({ entry, input }) => {
        const denied = principalNames.filter((name) => expectedCell(entry.policy, name) !== '200')
        const turn = registry.indexOf(entry)
        return denied.map((name, index) => ({ entry, name, input, isSample: isSample(turn, index, denied) }))
      })
    await expectNoEffect(world.server.database, () =>
      inParallel(cells, WIDTH, (cell) => deniedCell(parity, cell, figures)),
    )
  }
}

/** The surfaces that are clients of another one, or none of the outside, are tried with some cells of each procedure. */
const SAMPLED: ReadonlySet<string> = new Set<SurfaceName>(['sdk', 'cli', 'agent'])

/** Two of each procedure, in turn, so that every principal is among them. */
function isSample(turn: number, index: number, all: readonly unknown[]): boolean {
  return [turn, turn * 7 + 3].some((offset) => offset % all.length === index)
}

async function deniedCell(
  parity: Parity,
  cell: Omit<Cell, 'surface'> & { readonly isSample: boolean },
  figures: DoorFigures,
): Promise<void> {
  const { entry, name, input } = cell
  const expected = expectedCell(entry.policy, name)
  let reference: Outcome['error'] | undefined
  const surfaces = surfacesOf(parity, entry).filter((one) => cell.isSample || !SAMPLED.has(one.name))
  for (const surface of surfaces) {
    if (SAMPLED.has(surface.name)) figures.sampled.add(`${surface.name} ${name}`)
    const outcome = await callAs(parity, { ...cell, surface })
    const what = `${entry.path} as ${name} by ${surface.name}: ${outcome.text.slice(0, 500)}`
    expect(cellOf(outcome), what).toBe(expected)
    expect(leakOf(outcome.text)).toBeUndefined()
    outcome.requireClean?.()
    reference ??= outcome.error
    // An agent has nothing to log in with; it is told so in words of its own.
    const isOwn = surface.name === 'agent' && expected === '401'
    expect(outcome.error, what).toEqual(isOwn ? { ...reference, message: outcome.error?.message } : reference)
    figures.denied += 1
    if (expected !== '404') continue
    const random = await callAs(parity, { ...cell, surface, input: withRandomIds(input) })
    expect(bare(outcome), `${what}: not yours and not there are one answer`).toBe(bare(random))
    figures.hidden += 1
  }
}

/** Asks on every door, as everybody whom the policy lets in, what changes nothing. */
export async function allowedOnEveryDoor(parity: Parity, figures: DoorFigures): Promise<void> {
  const queries = parity.registry.filter(
    ({ kind, policy }) => kind === 'query' && policy.access.who !== 'self',
  )
  await inParallel(queries, WIDTH, async (entry) => {
    for (const name of principalNames.filter((one) => expectedCell(entry.policy, one) === '200')) {
      const { input } = await rightCall(parity, entry, name)
      const sample = name === weakestAllowed(entry.policy) || name.endsWith('Key')
      for (const surface of surfacesOf(parity, entry).filter((one) => sample || !SAMPLED.has(one.name))) {
        const outcome = await callAs(parity, { entry, surface, name, input })
        const what = `${entry.path} as ${name} by ${surface.name}: ${outcome.text.slice(0, 500)}`
        expect(cellOf(outcome), what).toBe('200')
        figures.allowed += 1
      }
    }
  })
}

async function callAs({ world }: Parity, { entry, surface, name, input }: Cell): Promise<Outcome> {
  const as = { token: world.principals[name].token, headers: newAddress() }
  if (entry.kind !== 'subscription') return surface.call(entry, input, as)
  const refusal = await surface.watch?.(entry, input, as).then(
    async (stream) => stream[Symbol.asyncDispose](),
    (error: unknown) => error,
  )
  if (refusal instanceof RefusedStream) return refusal.outcome
  throw refusal ?? new Error(`${entry.path} let ${name} in by ${surface.name}`)
}

const STATUS: Readonly<Record<string, string>> = { UNAUTHORIZED: '401', FORBIDDEN: '403', NOT_FOUND: '404' }

/** How an outcome reads in the matrix. */
function cellOf({ error }: Outcome): string {
  if (error === undefined) return '200'
  return [STATUS[error.code] ?? error.code, error.reason].filter((part) => part !== undefined).join(' ')
}

function bare({ text, traceId }: Outcome): string {
  return traceId === undefined ? text : text.replaceAll(traceId, '<trace>')
}

function moduleOf({ path }: RegistryEntry): string {
  return path.split('.')[0] ?? path
}
