import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { schemaGaps } from '../../../server/src/commands/contract/schema/gaps.ts'
import { changed, schemas, valuesNear } from './schema-arbitraries.ts'

const RUNS = 400

const ajv = new Ajv2020({ strict: false })

function validator(schema: object): (value: unknown) => boolean {
  const validate = ajv.compile(schema)
  return (value) => validate(value) === true
}

/** Ignores fields that it does not name, as callers of an answer do. */
function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === 'additionalProperties' && value === false))
      .map(([key, value]) => [key, opened(value)]),
  )
}

const pairs = schemas.chain((one) =>
  fc.tuple(
    fc.constant(one),
    fc.oneof({ arbitrary: changed(one), weight: 3 }, { arbitrary: schemas, weight: 1 }),
  ),
)

const samples = pairs.chain(([one, other]) =>
  fc.tuple(fc.constant(one), fc.constant(other), fc.array(valuesNear(one), { minLength: 4, maxLength: 12 })),
)

test('where no gap is found, every value of the one is a value of the other', () => {
  let compatible = 0
  let valid = 0
  fc.assert(
    fc.property(samples, ([one, other, values]) => {
      if (schemaGaps(one, other).length > 0) return
      compatible += 1
      const [before, now] = [validator(one), validator(other)]
      for (const value of values.filter(before)) {
        valid += 1
        expect([value, now(value)]).toEqual([value, true])
      }
    }),
    { numRuns: RUNS },
  )
  // The test tests something.
  expect(compatible).toBeGreaterThan(RUNS / 10)
  expect(valid).toBeGreaterThan(RUNS / 2)
})

test('the same for answers, whose readers pass over fields that they do not know', () => {
  fc.assert(
    fc.property(samples, ([one, other, values]) => {
      if (schemaGaps(one, other, { open: true }).length > 0) return
      const before = validator(one)
      const reader = opened(other)
      const now = validator(typeof reader === 'object' && reader !== null ? reader : {})
      for (const value of values.filter(before)) expect([value, now(value)]).toEqual([value, true])
    }),
    { numRuns: RUNS },
  )
})

test('a schema has no gap to itself', () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      expect(schemaGaps(schema, structuredClone(schema))).toEqual([])
    }),
    { numRuns: RUNS },
  )
})
