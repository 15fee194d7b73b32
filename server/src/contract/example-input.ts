import { createHash } from 'node:crypto'
import type { JsonSchema } from './json-schema.ts'
import type { RegistryEntry } from './registry.ts'

type Schema = JsonSchema | boolean

/** Where in an example we are. */
interface Place {
  /** The schema that `$ref`s lead into. */
  readonly root: JsonSchema
  /** What a plain `id` here is the id of. */
  readonly noun: string
  /** The field's name. */
  readonly field: string
  /** The names of the schemas we are inside of, so that one that contains itself ends. */
  readonly inside: readonly string[]
}

/** The moment that examples happen at. */
const MOMENT = '2026-11-21T10:00:00.000Z'

/** What texts look like by their field, where a schema gives no example. */
const TEXTS: Readonly<Record<string, string>> = {
  body: 'We close early tonight.',
  description: 'What it is about.',
  email: 'ada@example.com',
  fullName: 'Ada Lovelace',
  name: 'Launch',
  search: 'launch',
  slug: 'launch',
  subject: 'Tonight',
  title: 'Write the launch notes',
  url: 'https://example.com/launch',
}

/**
 * The id that stands for a thing of a kind (`task`, `user`) in every example: always the same, and told from a real one
 * by its beginning.
 */
export function exampleId(noun: string): string {
  return `00000000-0000-4000-8000-${createHash('sha256').update(noun).digest('hex').slice(0, 12)}`
}

/** A plausible input of a procedure: what it needs, and what its schemas give examples for; undefined when it takes none. */
export function exampleInput(entry: Pick<RegistryEntry, 'path' | 'input'>): unknown {
  return entry.input === null ? undefined : exampleOf(entry.input, nounOf(entry.path))
}

/** A plausible answer of a procedure, or a plausible event of a subscription. */
export function exampleOutput(entry: Pick<RegistryEntry, 'path' | 'output'>): unknown {
  return exampleOf(entry.output, nounOf(entry.path))
}

/**
 * A value that `schema` allows, the same one every time. What the schema says of itself comes first (`examples`,
 * `default`); fields that may be left out are, unless they have an example of their own. A file is its name. A text with
 * a pattern or a refinement needs an example in its schema (`.meta({ examples: […] })`); a test calls everything with it.
 * @param noun what a field `id` is the id of, see {@link exampleId}
 */
export function exampleOf(schema: JsonSchema, noun: string): unknown {
  return exampleIn(schema, { root: schema, noun, field: '', inside: [] })
}

/** `projects.members.add` → `member`; what most of its ids are about. */
function nounOf(path: string): string {
  return singular(path.split('.').at(-2) ?? path)
}

function exampleIn(schema: Schema, place: Place): unknown {
  if (typeof schema === 'boolean') return null
  if (schema.examples !== undefined) return schema.examples[0]
  if (schema.$ref !== undefined) return exampleIn(...referred(schema.$ref, place))
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.default !== undefined) return schema.default
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) return exampleIn(optionOf(options, place), place)
  if (schema.allOf !== undefined) {
    return Object.assign({}, ...schema.allOf.map((part) => exampleIn(part, place)))
  }
  switch (Array.isArray(schema.type) ? schema.type.find((type) => type !== 'null') : schema.type) {
    case 'string':
      return textOf(schema, place)
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return true
    case 'array':
      return arrayOf(schema, place)
    case 'object':
      return objectOf(schema, place)
    default:
      return null
  }
}

function referred(ref: string, place: Place): [JsonSchema, Place] {
  if (ref === '#') return [place.root, { ...place, inside: [...place.inside, ref] }]
  const name = ref.slice('#/$defs/'.length)
  const found = place.root.$defs?.[name]
  if (found === undefined) throw new Error(`${ref} leads nowhere`)
  return [found, { ...place, inside: [...place.inside, name] }]
}

/** The first option with something in it that does not lead back to where we came from. */
function optionOf(options: readonly Schema[], { inside }: Place): Schema {
  const something = options.filter((option) => typeof option === 'object' && option.type !== 'null')
  const fresh = something.find((option) => !leadsInto(option, inside))
  return fresh ?? options.find((option) => !something.includes(option)) ?? something[0] ?? true
}

function leadsInto(schema: Schema, names: readonly string[]): boolean {
  if (typeof schema === 'boolean' || schema.$ref === undefined) return false
  return names.includes(schema.$ref) || names.includes(schema.$ref.slice('#/$defs/'.length))
}

function textOf(schema: JsonSchema, place: Place): string {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema
  const known = FORMATS[schema.format ?? ''] ?? TEXTS[place.field]
  if (schema.format === 'uuid') return exampleId(nounOfField(place))
  const text = known ?? (place.field === '' ? 'text' : place.field)
  return text.padEnd(minLength, ' …').slice(0, maxLength)
}

const FORMATS: Readonly<Record<string, string>> = {
  binary: 'notes.txt',
  date: MOMENT.slice(0, 10),
  'date-time': MOMENT,
  email: 'ada@example.com',
  time: MOMENT.slice(11),
  uri: 'https://example.com/launch',
}

/** `projectId` → `project`; `id` and `ids` are of what all is about. */
function nounOfField({ field, noun }: Place): string {
  return /^(\w+?)Ids?$/.exec(field)?.[1] ?? noun
}

function numberOf({ minimum, maximum, exclusiveMinimum, multipleOf = 1 }: JsonSchema): number {
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + multipleOf : undefined
  return Math.min(Math.max(multipleOf, minimum ?? 0, above ?? 0), maximum ?? Number.POSITIVE_INFINITY)
}

function arrayOf(schema: JsonSchema, place: Place): unknown[] {
  if (schema.prefixItems !== undefined) return schema.prefixItems.map((item) => exampleIn(item, place))
  const item = Array.isArray(schema.items) ? schema.items[0] : schema.items
  if (item === undefined || leadsInto(item, place.inside)) return []
  return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () => exampleIn(item, place))
}

function objectOf(schema: JsonSchema, place: Place): Record<string, unknown> {
  const required = new Set(schema.required)
  const shown = Object.entries(schema.properties ?? {}).filter(
    ([name, property]) => required.has(name) || hasExample(property, place.root),
  )
  return Object.fromEntries(
    shown.map(([field, property]) => [
      field,
      exampleIn(property, { ...place, field, noun: within(field, place) }),
    ]),
  )
}

/** What is inside of a field `user` is about a user; `data` and the items of lists are about what all is about. */
function within(field: string, { noun }: Place): string {
  return /^(data|items|ids?|.*Ids?)$/.test(field) ? noun : singular(field)
}

function hasExample(schema: Schema, root: JsonSchema): boolean {
  if (typeof schema === 'boolean') return false
  if (schema.examples !== undefined) return true
  const name = schema.$ref?.slice('#/$defs/'.length)
  const named = name === undefined ? undefined : root.$defs?.[name]
  if (named?.examples !== undefined) return true
  return (schema.anyOf ?? []).some((option) => typeof option === 'object' && option.examples !== undefined)
}

function singular(word: string): string {
  return word.replace(/ies$/, 'y').replace(/([^s])s$/, '$1')
}
