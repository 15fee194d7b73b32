import { propertiesOf, requiredOf, resolve, type Schema, schemasIn, typesOf } from '../contract/schema.ts'
import { isRecord } from '../records.ts'

/** A field that the server would refuse. */
export interface InputIssue {
  /** Dotted, such as `tasks.3.title`; empty for the whole input. */
  readonly field: string
  readonly message: string
  /** Nothing was given at all. */
  readonly isMissing: boolean
}

const MAX_ISSUES = 20

/**
 * Looks for what the server would refuse, so that it is said before anything is sent. Knows the words of JSON Schema that
 * inputs are described by; words it does not know refuse nothing, because the server has the last say.
 */
export function checkInput(input: unknown, schema: Schema): InputIssue[] {
  return issuesOf(input, schema, schema, []).slice(0, MAX_ISSUES)
}

function issuesOf(
  value: unknown,
  given: Schema,
  root: Schema,
  path: readonly (string | number)[],
): InputIssue[] {
  const schema = resolve(given, root)
  const issue = (message: string): InputIssue[] => [{ field: path.join('.'), message, isMissing: false }]
  const options = schemasIn(schema.anyOf ?? schema.oneOf)
  if (options.length > 0)
    return ofOptions(
      options.map((option) => issuesOf(value, option, root, path)),
      issue,
    )
  const types = typesOf(schema)
  if (types.length > 0 && !types.some((type) => hasType(value, type)))
    return issue(`Give ${types.map(typeName).join(' or ')}.`)
  if (Array.isArray(schema.enum) && !schema.enum.some((allowed) => allowed === value))
    return issue(`Give one of: ${schema.enum.map(String).join(', ')}.`)
  if ('const' in schema && !isRecord(schema.const) && schema.const !== value)
    return issue(`Only ${JSON.stringify(schema.const)} can be given.`)
  const all = schemasIn(schema.allOf).flatMap((part) => issuesOf(value, part, root, path))
  if (typeof value === 'string') return [...all, ...ofText(value, schema, issue)]
  if (typeof value === 'number') return [...all, ...ofNumber(value, schema, issue)]
  if (Array.isArray(value)) return [...all, ...ofList(value, schema, root, path, issue)]
  return isRecord(value) ? [...all, ...ofObject(value, schema, root, path)] : all
}

type Say = (message: string) => InputIssue[]

/** What the option says that comes nearest. */
function ofOptions(results: readonly InputIssue[][], issue: Say): InputIssue[] {
  if (results.some((result) => result.length === 0)) return []
  const [nearest] = [...results].sort((a, b) => depth(b) - depth(a) || a.length - b.length)
  return nearest ?? issue('This cannot be given here.')
}

function depth(issues: readonly InputIssue[]): number {
  return Math.max(...issues.map(({ field }) => field.split('.').length))
}

function ofText(value: string, { minLength, maxLength, pattern, format }: Schema, issue: Say): InputIssue[] {
  if (typeof minLength === 'number' && value.length < minLength)
    return issue(
      minLength === 1 ? 'Give a text that is not empty.' : `Give at least ${minLength} characters.`,
    )
  if (typeof maxLength === 'number' && value.length > maxLength)
    return issue(`Give at most ${maxLength} characters.`)
  if (typeof pattern === 'string' && !fits(value, pattern))
    return issue(
      typeof format === 'string'
        ? (FORMATS[format] ?? `Give a valid ${format}.`)
        : `Give a text like ${pattern}`,
    )
  return []
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'Give a UUID.',
  email: 'Give an e-mail address.',
  'date-time': 'Give an ISO 8601 date and time, for example 2026-11-21T10:00:00Z.',
}

/** A pattern that this runtime cannot read refuses nothing. */
function fits(value: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}

function ofNumber(value: number, schema: Schema, issue: Say): InputIssue[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  if (typeof minimum === 'number' && value < minimum) return issue(`Give ${minimum} or more.`)
  if (typeof maximum === 'number' && value > maximum) return issue(`Give ${maximum} or less.`)
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum)
    return issue(`Give more than ${exclusiveMinimum}.`)
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
    return issue(`Give less than ${exclusiveMaximum}.`)
  return []
}

function ofList(
  value: readonly unknown[],
  schema: Schema,
  root: Schema,
  path: readonly (string | number)[],
  issue: Say,
): InputIssue[] {
  const { minItems, maxItems, items } = schema
  if (typeof minItems === 'number' && value.length < minItems) return issue(`Give at least ${minItems}.`)
  if (typeof maxItems === 'number' && value.length > maxItems) return issue(`Give at most ${maxItems}.`)
  return isRecord(items) ? value.flatMap((item, index) => issuesOf(item, items, root, [...path, index])) : []
}

function ofObject(
  value: Readonly<Record<string, unknown>>,
  schema: Schema,
  root: Schema,
  path: readonly (string | number)[],
): InputIssue[] {
  const properties = new Map(propertiesOf(schema))
  const missing = requiredOf(schema)
    .filter((name) => value[name] === undefined)
    .map((name) => ({ field: [...path, name].join('.'), message: 'This is missing.', isMissing: true }))
  const { additionalProperties } = schema
  const found = Object.entries(value).flatMap(([name, inner]) => {
    const property =
      properties.get(name) ?? (isRecord(additionalProperties) ? additionalProperties : undefined)
    if (property !== undefined)
      return inner === undefined ? [] : issuesOf(inner, property, root, [...path, name])
    if (additionalProperties !== false) return []
    return [{ field: [...path, name].join('.'), message: 'There is no such field.', isMissing: false }]
  })
  return [...missing, ...found]
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isRecord(value)
    case 'integer':
      return Number.isInteger(value)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type
    default:
      return true
  }
}

function typeName(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
  }
  return names[type] ?? type
}
