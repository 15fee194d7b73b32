import { Ajv2020 } from 'ajv/dist/2020.js'
import type { JsonSchema } from '../../../server/src/contract/json-schema.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

const ajv = new Ajv2020({
  strict: false,
  allErrors: false,
  formats: {
    uuid: UUID,
    'date-time': MOMENT,
    date: /^\d{4}-\d\d-\d\d$/,
    binary: true,
    email: /@/,
    uri: /^[a-z][a-z+.-]*:/i,
  },
})
const compiled = new WeakMap<object, (value: unknown) => string | undefined>()

/** What is wrong with `value` by a JSON Schema (draft 2020-12), or undefined. */
export function violation(schema: JsonSchema, value: unknown): string | undefined {
  const known = compiled.get(schema)
  if (known !== undefined) return known(value)
  const validate = ajv.compile(schema)
  const check = (given: unknown): string | undefined => {
    if (validate(given)) return undefined
    const [error] = validate.errors ?? []
    return `${error?.instancePath ?? ''} ${error?.message ?? 'is wrong'}`
  }
  compiled.set(schema, check)
  return check(value)
}
