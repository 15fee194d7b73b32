import { randomFrom } from '../faults/random.ts'
import { generators, shares } from './classes/index.ts'
import { tryAll } from './engine.ts'
import type { ClassName, Finding, Surface, SurfaceName } from './model.ts'
import { type Figures, newFigures } from './report.ts'
import { drawFor, type Fixture, type Target } from './target.ts'

/** What to try, and how much of it. */
export interface Plan {
  readonly inputs: number
  readonly seed: number
  readonly classes: readonly ClassName[]
  readonly surfaces: readonly Surface[]
  /** Only this one of each class and surface. */
  readonly only?: number
  readonly hangMs?: number
  readonly parallel?: number
  readonly say?: (line: string) => void
}

/** Of a hundred inputs, so many go through each door. */
const DOORS: Readonly<Record<SurfaceName, number>> = { trpc: 0.42, rest: 0.33, mcp: 0.25 }

/** There is always one more wrong value: this class takes what classes with an end leave of their share. */
const BOUNDLESS = 'schema-wrong'

/** Fuzzes a server: each class on each surface. The same seed tries the same again. */
export async function runFuzz(
  target: Target,
  plan: Plan,
): Promise<{ readonly figures: Figures; readonly findings: Finding[] }> {
  const figures = newFigures()
  const findings: Finding[] = []
  const calm = new Map<string, Promise<Fixture>>()
  const doors = plan.surfaces.reduce((sum, { name }) => sum + DOORS[name], 0)
  const weight = plan.classes.reduce((sum, name) => sum + shares[name], 0)
  for (const surface of plan.surfaces) {
    const fresh = new Map<string, Promise<Fixture>>()
    let owed = 0
    for (const name of boundlessLast(plan.classes)) {
      const share = Math.ceil((plan.inputs * (DOORS[surface.name] / doors) * shares[name]) / weight)
      const quota = name === BOUNDLESS ? share + owed : share
      // Each class on each surface has numbers of its own, whatever else is tried.
      const seed = mixed(plan.seed, `${surface.name} ${name}`)
      const random = randomFrom(seed)
      const { entries } = surface
      const draw = drawFor(target, { surface, entries, quota, seed, random }, { calm, fresh })
      const started = performance.now()
      const trials = await generators[name](draw, name)
      const found = await tryAll({ target, figures, ...engineOptions(plan) }, surface, trials, plan.only)
      findings.push(...found)
      owed += Math.max(0, quota - trials.length)
      const seconds = ((performance.now() - started) / 1_000).toFixed(1)
      plan.say?.(`${surface.name} ${name}: ${trials.length} in ${seconds} s, ${found.length} findings`)
    }
  }
  figures.stop()
  return { figures, findings }
}

function boundlessLast(classes: Plan['classes']): Plan['classes'] {
  return [...classes].sort((a, b) => Number(a === BOUNDLESS) - Number(b === BOUNDLESS))
}

function engineOptions({ hangMs, parallel }: Plan): { hangMs?: number; parallel?: number } {
  return { ...(hangMs === undefined ? {} : { hangMs }), ...(parallel === undefined ? {} : { parallel }) }
}

function mixed(seed: number, text: string): number {
  let hash = seed >>> 0
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0
  // Seeds of fast-check are signed.
  return hash & 0x7fffffff
}
