import { afterAll, beforeAll, expect, test } from 'vitest'
import type { World } from '../support/world.ts'
import { explain, table, tally } from './report.ts'
import { runFuzz } from './run.ts'
import { commandFor, readSettings } from './settings.ts'
import { openSurfaces } from './surfaces/index.ts'
import type { Target } from './target.ts'
import { openWorldTarget } from './world-target.ts'

const settings = readSettings(process.env)
let target: Target
let world: World

beforeAll(async () => {
  ;({ target, world } = await openWorldTarget())
}, 60_000)
afterAll(() => world[Symbol.asyncDispose]())

test(
  'T6 T9 T10 D1 D2 D3 D4 Z5: nothing bad comes of any bad input on any surface',
  async () => {
    const surfaces = openSurfaces(target).filter(({ name }) => settings.surfaces.includes(name))
    const started = performance.now()
    const say = (line: string) => process.stdout.write(`${line}\n`)
    const { figures, findings } = await runFuzz(target, {
      ...settings,
      surfaces,
      say: settings.loud ? say : noSay,
    })
    const ms = performance.now() - started
    const procedures = target.registry.length
    say(table(figures, findings, { seed: settings.seed, procedures, database: target.database.kind, ms }))
    if (findings.length > 0) say(explain(findings, (finding) => commandFor(settings, finding)))
    expect(Object.entries(tally(findings)).filter(([, count]) => count > 0)).toEqual([])
    if (!settings.whole) return
    expect(figures.inputs).toBeGreaterThan(settings.inputs * 0.8)
    expect(figures.accepted).toBeGreaterThan(figures.inputs / 50)
    expect(figures.procedures.size).toBeGreaterThan(procedures * 0.9)
  },
  settings.timeoutMs,
)

const noSay = () => undefined
