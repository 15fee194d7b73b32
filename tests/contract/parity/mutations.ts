import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { newAddress } from '../../support/people.ts'
import { weakestAllowed } from '../../support/principals.ts'
import type { CallAs, Outcome, Surface } from '../../support/surfaces/index.ts'
import { withRandomIds } from '../access-matrix-calls.ts'
import { type Facts, factsOf } from './facts.ts'
import { type Parity, rightCall, surfacesOf } from './parity-world.ts'

/** What was done and found alike. */
export interface MutationFigures {
  calls: number
  replayed: number
  replayedElsewhere: number
  mismatched: number
}

interface Called {
  readonly outcome: Outcome
  readonly facts: Facts
}

/**
 * Calls a mutation on each of its surfaces, each with a fixture and a key of its own, then again with the same key there
 * and on another surface, then with other input.
 */
export async function sameMutation(
  parity: Parity,
  entry: RegistryEntry,
  figures: MutationFigures,
): Promise<void> {
  const surfaces = surfacesOf(parity, entry)
  let reference: Facts['same'] | undefined
  for (const [index, surface] of surfaces.entries()) {
    await atRest(parity, entry)
    const shared = surfaces.filter(({ hasOwnKeys }) => hasOwnKeys !== true)
    const other = surface.hasOwnKeys === true ? surface : (shared[(index + 1) % shared.length] ?? surface)
    const found = await oneSurface(parity, entry, surface, other, figures)
    reference ??= found
    expect(found, `${entry.path}: ${surface.name} is like ${surfaces[0].name}`).toEqual(reference)
    figures.calls += 1
  }
}

async function oneSurface(
  parity: Parity,
  entry: RegistryEntry,
  surface: Surface,
  other: Surface,
  figures: MutationFigures,
): Promise<Facts['same']> {
  const { input, as: token } = await rightCall(parity, entry)
  const key = randomUUID()
  const call = async (on: Surface, sent: unknown): Promise<Called> => {
    const traceId = newTrace()
    const as: CallAs = { token, traceId, idempotencyKey: key, headers: newAddress() }
    const outcome = await on.call(entry, sent, as)
    return { outcome, facts: await factsOf(parity, traceId, input, outcome) }
  }
  const first = await call(surface, input)
  const what = `${entry.path} by ${surface.name}`
  expect(first.outcome.error, `${what}: ${first.outcome.text.slice(0, 500)}`).toBeUndefined()
  expect(first.facts.audits, `${what} leaves a row in the audit trail`).toBeGreaterThan(0)
  expect(new Set(first.facts.surfaces), what).toEqual(new Set([surface.recordedAs]))
  expect(first.facts.same.points, `${what} counts once`).toHaveLength(1)
  expect(first.facts.same.lines, `${what} is one line in the log`).toHaveLength(1)
  if (!keepsAnswers(entry)) return first.facts.same

  const again = await call(surface, input)
  const elsewhere = await call(other, input)
  for (const { outcome, facts } of [again, elsewhere]) {
    // Whoever ended their own session or account is nobody now.
    if (outcome.error?.code === 'UNAUTHORIZED') continue
    expect(outcome.error, `${what}, again: ${outcome.text.slice(0, 500)}`).toBeUndefined()
    expect(outcome.data, `${what} answers the same again`).toEqual(first.outcome.data)
    expect(facts.audits, `${what} happens once`).toBe(0)
    expect(outcome.replayed ?? true, `${what} says that it answers again`).toBe(true)
    if (facts === again.facts) figures.replayed += 1
    else figures.replayedElsewhere += 1
  }
  if (input === undefined) return { ...first.facts.same, again: withoutLine(again) }
  const mismatch = await call(surface, otherInput(input))
  if (mismatch.outcome.error?.code !== 'UNAUTHORIZED') {
    expect(mismatch.outcome.error, what).toMatchObject({ reason: 'IDEMPOTENCY_MISMATCH' })
    figures.mismatched += 1
  }
  return { ...first.facts.same, again: withoutLine(again), mismatch: withoutLine(mismatch) }
}

/** Where a credential is asked for before anything else, a call without one never becomes a call. */
function withoutLine({ outcome, facts }: Called): Facts['same'] {
  return outcome.error?.code === 'UNAUTHORIZED' ? { ...facts.same, lines: 'not compared' } : facts.same
}

function keepsAnswers({ policy }: RegistryEntry): boolean {
  return (
    weakestAllowed(policy) !== 'anonymous' || ('anonymousKeys' in policy && policy.anonymousKeys === true)
  )
}

/** What a flag was before is part of what the trail says of its change. */
async function atRest({ world }: Parity, { path }: RegistryEntry): Promise<void> {
  if (path.startsWith('flags.')) await world.server.database.prisma.flagSetting.deleteMany()
}

/** As right as `input`, and not the same. */
function otherInput(input: unknown): unknown {
  const changed = withRandomIds(input)
  if (JSON.stringify(changed) !== JSON.stringify(input)) return changed
  const fields = Object.entries(input ?? {})
  const other = fields.find(([name, value]) => FREE_TEXT.includes(name) && typeof value === 'string')
  if (other === undefined) throw new Error(`Nothing to change in ${JSON.stringify(input)}`)
  return { ...Object.fromEntries(fields), [other[0]]: OTHER_FLAG[String(other[1])] ?? `${other[1]}x` }
}

/** Fields whose value may be any text, or a flag. */
const FREE_TEXT = ['name', 'title', 'provider', 'flag', 'newPassword', 'token', 'refreshToken', 'password']
const OTHER_FLAG: Readonly<Record<string, string>> = { ai_chat: 'new_dashboard', new_dashboard: 'ai_chat' }

function newTrace(): string {
  return randomUUID().replaceAll('-', '')
}
