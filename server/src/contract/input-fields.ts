import { z } from 'zod'
import { type JsonSchema, resolved } from './json-schema.ts'

/** The fields of an input, as a table of routes or a list of flags needs them. */
export interface InputFields {
  /** In the order of the schema. */
  readonly names: readonly string[]
  readonly required: ReadonlySet<string>
}

const NONE: InputFields = { names: [], required: new Set() }

/**
 * The same as {@link fieldsOfJsonSchema} of the printed schema, straight from zod: a hundredth of the time, so that
 * start-up prints no schema. Undefined for shapes whose printing has rules of its own.
 */
export function fieldsOfZod(schema: z.ZodType): InputFields | undefined {
  if (schema instanceof z.ZodVoid) return NONE
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    const inner = schema.unwrap()
    return inner instanceof z.ZodType ? fieldsOfZod(inner) : undefined
  }
  if (!(schema instanceof z.ZodObject)) return undefined
  const names = Object.keys(schema.shape)
  const required = new Set<string>()
  for (const name of names) {
    const field = schema.shape[name]
    // Of a transformation in front and of `catch`, zod prints what is declared, not what is taken.
    if (field?._zod.def.type === 'pipe' || field?._zod.def.type === 'catch') return undefined
    if (field?._zod.optin === undefined) required.add(name)
  }
  return { names, required }
}

/** The fields of a printed input; none for procedures without input. */
export function fieldsOfJsonSchema(schema: JsonSchema | null): InputFields {
  if (schema === null) return NONE
  const { properties, required } = resolved(schema)
  return { names: Object.keys(properties ?? {}), required: new Set(required) }
}
