import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { classNames, type Finding } from './model.ts'
import { plantedBugs } from './planted/procedures.ts'
import { openPlantedTarget } from './planted/target.ts'
import { explain } from './report.ts'
import { runFuzz } from './run.ts'
import { CI_INPUTS } from './settings.ts'
import { openSurfaces } from './surfaces/index.ts'

/** The product has so many procedures; each of these gets its share of what CI tries. */
const PROCEDURES = 66
const SEED = 4_711
/** Those that are about procedures, not about the envelope around them. */
const INPUT_CLASSES = classNames.slice(0, classNames.indexOf('json'))

let planted: Awaited<ReturnType<typeof openPlantedTarget>>
let findings: Finding[]
let names: string[]

beforeAll(async () => {
  planted = await openPlantedTarget()
  const { target } = planted
  const surfaces = openSurfaces(target)
  names = surfaces.map(({ name }) => name)
  const inputs = Math.round((CI_INPUTS * target.registry.length) / PROCEDURES)
  ;({ findings } = await runFuzz(target, {
    inputs,
    seed: SEED,
    classes: INPUT_CLASSES,
    surfaces,
    hangMs: 3_000,
  }))
}, 240_000)
afterAll(() => planted[Symbol.asyncDispose]())

const of = (path: string) =>
  findings.filter(({ trial }) => trial.kind === 'input' && trial.entry.path === path)

describe('the fuzzer sees', () => {
  test.each(Object.entries(plantedBugs))('%s as %s, on every surface', (path, bad) => {
    const found = of(path).filter((finding) => finding.bad === bad)
    expect(new Set(found.map(({ surface }) => surface)), `${path} was found as nothing of the kind`).toEqual(
      new Set(names),
    )
  })

  test('nothing in what has no bug', () => {
    const wrongly = findings.filter(
      ({ trial }) => trial.kind === 'wire' || trial.entry.path.startsWith('sound.'),
    )
    // Written by others in the same moment: which one of many it was is not known at once. And while all objects are
    // polluted, nothing is sound.
    const own = wrongly.filter(
      ({ bad, trial }) => trial.class !== 'pollution' && !['effects', 'errorLines', 'polluted'].includes(bad),
    )
    expect(
      own.length,
      explain(own, () => ''),
    ).toBe(0)
  })
})
