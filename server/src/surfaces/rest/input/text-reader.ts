import { type JsonSchema, resolved } from '../../../contract/json-schema.ts'

/** Stands for a text that is no value of the kind that is wanted. */
export const UNREADABLE = Symbol('unreadable')

/** Turns the text of a query string or path into the JSON value that a schema speaks of. */
export interface TextReader {
  /** Whether the field is repeated for each of its values. */
  readonly repeated: boolean
  /** The value, or {@link UNREADABLE}. What the schema says beyond its type is not looked at. */
  readonly read: (text: string) => unknown
  /** What to send instead of what could not be read. */
  readonly wanted: string
}

const INTEGER = /^(?:0|-?[1-9]\d{0,15})$/
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const AS_TEXT: TextReader = { repeated: false, read: (text) => text, wanted: 'Give a text.' }
const AS_INTEGER: TextReader = {
  repeated: false,
  read: (text) => (INTEGER.test(text) ? Number(text) : UNREADABLE),
  wanted: 'Give a whole number, for example 20.',
}
const AS_NUMBER: TextReader = {
  repeated: false,
  read: (text) => (NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : UNREADABLE),
  wanted: 'Give a number, for example 0.5.',
}
const AS_BOOLEAN: TextReader = {
  repeated: false,
  read: (text) => (text === 'true' ? true : text === 'false' ? false : UNREADABLE),
  wanted: 'Give true or false.',
}
const AS_JSON: TextReader = { repeated: false, read: readJson, wanted: 'Give JSON.' }

/**
 * The reader of a field, made once.
 * @param defs the `$defs` of the schema that `schema` is part of
 */
export function textReader(schema: JsonSchema, defs: JsonSchema['$defs'] = {}): TextReader {
  const reader = readerOf(schema, defs)
  return reader ?? AS_JSON
}

/** Undefined for what is no text, number or boolean and no list of them: only JSON can say it. */
function readerOf(schema: JsonSchema, defs: JsonSchema['$defs'] = {}): TextReader | undefined {
  const { type } = schema
  if (schema.$ref !== undefined) {
    const named = resolved(schema, defs)
    return named === schema ? undefined : readerOf(named, defs)
  }
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  if (choices.length > 0) return readerOfChoices(choices, defs)
  if (schema.enum !== undefined) return readerOfValues(schema.enum)
  if ('const' in schema) return readerOfValues([schema.const])
  if (type === 'string') return AS_TEXT
  if (type === 'integer') return AS_INTEGER
  if (type === 'number') return AS_NUMBER
  if (type === 'boolean') return AS_BOOLEAN
  if (type !== 'array' || !isSchema(schema.items)) return undefined
  const item = readerOf(schema.items, defs)
  return item === undefined || item.repeated ? undefined : { ...item, repeated: true }
}

/** Null cannot be said in a query string; whoever means it leaves the field out. */
function readerOfChoices(choices: readonly JsonSchema[], defs: JsonSchema['$defs']): TextReader | undefined {
  const readers = choices.filter(({ type }) => type !== 'null').map((choice) => readerOf(choice, defs))
  const [first] = readers
  return readers.every((reader) => reader === first) ? first : undefined
}

function readerOfValues(values: readonly unknown[]): TextReader | undefined {
  if (values.every((value) => typeof value === 'string')) return AS_TEXT
  if (values.every((value) => typeof value === 'boolean')) return AS_BOOLEAN
  return values.every((value) => typeof value === 'number') ? AS_NUMBER : undefined
}

function isSchema(items: JsonSchema['items']): items is JsonSchema {
  return typeof items === 'object' && !Array.isArray(items)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return UNREADABLE
  }
}
