import fc from 'fast-check'
import type { JsonSchema } from '../../../server/src/contract/json-schema.ts'

type Schema = JsonSchema

const NAMES = ['a', 'b', 'c']
const WORDS = ['x', 'y', 'z', 'xx']

const scalar: fc.Arbitrary<Schema> = fc.oneof(
  fc
    .record({ minLength: fc.integer({ min: 0, max: 2 }), maxLength: fc.integer({ min: 2, max: 4 }) })
    .map((bounds): Schema => ({ type: 'string', ...bounds })),
  fc.constantFrom<Schema>(
    { type: 'string' },
    { type: 'string', pattern: '^x' },
    { type: 'boolean' },
    { type: 'null' },
  ),
  fc
    .record({ minimum: fc.integer({ min: -2, max: 0 }), maximum: fc.integer({ min: 0, max: 3 }) })
    .chain((bounds) =>
      fc.constantFrom<Schema>(
        { type: 'integer', ...bounds },
        { type: 'number', ...bounds },
        { type: 'number', exclusiveMaximum: bounds.maximum + 1, minimum: bounds.minimum },
      ),
    ),
  fc.constantFrom<Schema>({ type: 'number' }, { type: 'integer' }, {}),
  fc.subarray(WORDS, { minLength: 1 }).map((values): Schema => ({ type: 'string', enum: values })),
  fc.constantFrom<Schema>({ const: 'x' }, { type: 'boolean', const: true }, { const: 1 }, { const: null }),
)

/** Schemas as zod prints them: objects, records, lists, tuples and unions of plain values, three deep. */
export const schemas: fc.Arbitrary<Schema> = fc.letrec<{ any: Schema }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { arbitrary: scalar, weight: 4 },
    { arbitrary: object(tie('any')), weight: 3 },
    { arbitrary: list(tie('any')), weight: 1 },
    {
      arbitrary: fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map((anyOf): Schema => ({ anyOf })),
      weight: 2,
    },
    { arbitrary: tagged(tie('any')), weight: 1 },
  ),
})).any

function object(field: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
  const rest = fc.oneof(
    { arbitrary: fc.constantFrom(false, undefined), weight: 3 },
    { arbitrary: field, weight: 1 },
  )
  return fc
    .tuple(fc.dictionary(fc.constantFrom(...NAMES), field, { maxKeys: 3 }), fc.subarray(NAMES), rest)
    .map(([properties, wanted, additionalProperties]): Schema => {
      const required = wanted.filter((name) => Object.hasOwn(properties, name))
      const closed = additionalProperties === undefined ? {} : { additionalProperties }
      return {
        type: 'object',
        properties: { ...properties },
        ...(required.length > 0 ? { required } : {}),
        ...closed,
      }
    })
}

function list(item: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
  const bounds = fc.record({
    minItems: fc.integer({ min: 0, max: 1 }),
    maxItems: fc.integer({ min: 1, max: 3 }),
  })
  const tuples = fc
    .array(item, { minLength: 1, maxLength: 2 })
    .map(
      (prefixItems): Schema => ({ type: 'array', prefixItems, items: false, minItems: prefixItems.length }),
    )
  return fc.oneof(
    fc.tuple(item, bounds).map(([items, limits]): Schema => ({ type: 'array', items, ...limits })),
    tuples,
  )
}

/** A union whose members a field tells apart. */
function tagged(field: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
  return fc.tuple(fc.subarray(WORDS, { minLength: 1, maxLength: 3 }), field).map(
    ([tags, inner]): Schema => ({
      oneOf: tags.map((tag) => ({
        type: 'object',
        properties: { type: { type: 'string', const: tag }, a: inner },
        required: ['type', 'a'],
        additionalProperties: false,
      })),
    }),
  )
}

/** Small changes of a schema, most of them to the wider side, so that many pairs are compatible. */
export function changed(schema: Schema): fc.Arbitrary<Schema> {
  const wider: fc.Arbitrary<Schema>[] = [
    fc.constant(schema),
    scalar.map((other) => ({ anyOf: [schema, other] })),
  ]
  if (schema.type === 'object') {
    const { properties = {}, required = [] } = schema
    wider.push(
      fc
        .tuple(fc.constantFrom(...NAMES), scalar)
        .map(([name, field]) => ({ ...schema, properties: { [name]: field, ...properties } })),
      fc.subarray([...required]).map((fewer) => ({ ...schema, required: fewer })),
      fc.constant({ ...schema, additionalProperties: false }),
    )
    const [name] = Object.keys(properties)
    const field = name === undefined ? undefined : properties[name]
    if (name !== undefined && typeof field === 'object')
      wider.push(changed(field).map((one) => ({ ...schema, properties: { ...properties, [name]: one } })))
  }
  if (schema.anyOf !== undefined) wider.push(fc.constant({ anyOf: [...schema.anyOf].reverse() }))
  if (schema.oneOf !== undefined)
    wider.push(fc.subarray([...schema.oneOf], { minLength: 1 }).map((oneOf) => ({ oneOf })))
  if (schema.enum !== undefined)
    wider.push(fc.subarray(WORDS, { minLength: 1 }).map((values) => ({ ...schema, enum: values })))
  const { minLength: _min, maxLength: _max, minimum: _least, maximum: _most, ...unbounded } = schema
  return fc.oneof(...wider, fc.constant(unbounded))
}

/** Values that may or may not be of a schema: near its own, so that many are. */
export function valuesNear(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom<unknown>(...schema.enum)
  const union = schema.anyOf ?? schema.oneOf
  if (union !== undefined) return fc.oneof(...union.map((one) => valuesOfPart(one)))
  switch (schema.type) {
    case 'string':
      return fc.constantFrom('', 'x', 'y', 'xx', 'xyz', 'xxxx')
    case 'integer':
      return fc.integer({ min: -3, max: 5 })
    case 'number':
      return fc.constantFrom(-3, -2, -0.5, 0, 0.5, 1, 2, 2.5, 3, 3.5, 4)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      if (schema.prefixItems !== undefined) return fc.tuple(...schema.prefixItems.map(valuesOfPart))
      return fc.array(valuesOfPart(Array.isArray(schema.items) ? true : (schema.items ?? true)), {
        maxLength: 3,
      })
    case 'object': {
      const always = new Set(schema.required)
      const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
        const there = valuesOfPart(field).map((value) => ({ [name]: value }))
        return always.has(name) ? there : fc.oneof(there, fc.constant({}))
      })
      const rest = schema.additionalProperties
      const others: fc.Arbitrary<object> =
        typeof rest === 'object' && !Array.isArray(rest)
          ? fc.dictionary(fc.constantFrom('other', 'more'), valuesOfPart(rest), { maxKeys: 2 })
          : fc.constant({})
      return fc.tuple(...fields, others).map((parts) => Object.assign({}, ...parts))
    }
    default:
      return fc.constantFrom<unknown>(null, 1, 0.5, 'x', true, {}, [], { a: 1 })
  }
}

function valuesOfPart(part: Schema | boolean): fc.Arbitrary<unknown> {
  return valuesNear(typeof part === 'boolean' ? {} : part)
}
