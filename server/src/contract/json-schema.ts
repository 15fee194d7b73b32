import { z } from 'zod'

/** JSON Schema 2020-12 as zod prints it. Schemas registered with an id (see `named`) are `$ref`s into `$defs`. */
export type JsonSchema = z.core.JSONSchema.BaseSchema

/**
 * The one place where zod becomes JSON Schema. `input` describes what a caller sends (defaults are optional), `output`
 * what a caller gets (defaults are there). What JSON has no word for is described as it travels: dates as ISO 8601
 * strings, files as binary strings, bigints as decimal strings.
 */
export function jsonSchemaOf(schema: z.ZodType, direction: 'input' | 'output'): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: direction,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod
      if (def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
      if (def.type === 'bigint') Object.assign(jsonSchema, { type: 'string', pattern: '^-?\\d+$' })
      if (def.type === 'file') Object.assign(jsonSchema, { type: 'string', format: 'binary' })
    },
  })
}

/**
 * Gives a schema a name that surfaces and the SDK use (`Task`), and what a reader should know of it. Two schemas with
 * one name are an error at start-up.
 */
export function named<T extends z.ZodType>(id: string, description: string, schema: T): T {
  return schema.meta({ id, description })
}

/**
 * A string that types keep apart from other strings (`UserId`). The brand lives in types only, so its name is kept as
 * metadata for printed types: `x-brand` in JSON Schema.
 */
export function branded<T extends z.ZodType, Brand extends string>(schema: T, brand: Brand) {
  return schema.meta({ 'x-brand': brand }).brand<Brand>()
}

const DEFINITION = '#/$defs/'

/** What a schema that is only a reference stands for: named schemas are referred to even where they are the whole. */
export function resolved(schema: JsonSchema, defs: JsonSchema['$defs'] = schema.$defs): JsonSchema {
  const { $ref } = schema
  if ($ref?.startsWith(DEFINITION) !== true) return schema
  return defs?.[$ref.slice(DEFINITION.length)] ?? schema
}

/** Whether a schema is that of an answer which says only that the call is done. */
export function isDone(schema: JsonSchema): boolean {
  return schema.$ref === '#/$defs/Done'
}
