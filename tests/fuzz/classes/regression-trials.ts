import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { InputTrial } from '../model.ts'
import { withValue } from '../schema/fields.ts'
import type { Generator } from '../target.ts'
import { isAllowed } from './field-trials.ts'

const Regressions = z.array(
  z.strictObject({
    procedure: z.string(),
    path: z.array(z.union([z.string(), z.int()])),
    value: z.unknown(),
    why: z.string(),
    caller: z.literal('anonymous').optional(),
  }),
)
const FILE = path.join(import.meta.dirname, '../regressions.json')

/** What once went wrong, here or elsewhere, and is tried every time (`regressions.json`). */
export const regressionTrials: Generator = async (draw, name) => {
  const known = Regressions.parse(JSON.parse(readFileSync(FILE, 'utf8')))
  const trials: InputTrial[] = []
  for (const { procedure, path: where, value, caller = 'allowed' } of known) {
    const entry = draw.entries.find((one) => one.path === procedure)
    if (entry === undefined) continue
    const fixture = await draw.fixture(entry, true)
    const input = withValue(fixture.input, where, value)
    const place = { path: where, name: where.join('.'), kind: 'any' } as const
    const want = isAllowed(entry, input) ? 'either' : 'refused'
    trials.push({
      kind: 'input',
      class: name,
      entry,
      caller,
      token: caller === 'anonymous' ? undefined : fixture.token,
      place,
      input,
      want,
    })
  }
  return trials
}
