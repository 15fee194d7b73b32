import type { JsonObject, JsonValue } from '../json.ts'
import { stemOf, wordsOf } from '../words/terms.ts'
import type { Finding } from './findings.ts'
import type { KnownIds } from './known-ids.ts'
import { clipped } from './shorten.ts'
import { nameWords } from './tool-nature.ts'

/** What a tool's input can be filled from. */
export interface Material {
  readonly ids: KnownIds
  /** What the tool is about: `tasks`. */
  readonly about: readonly string[]
  /** What the user and the system ask, as one text. */
  readonly ask: string
  readonly request: string
  /** What is to be made, for tools that make something. */
  readonly findings: readonly Finding[]
}

/** An input, or what is missing for one. */
export type Filled =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly missing: readonly string[] }

interface Field {
  readonly name: string
  readonly schema: JsonObject
  readonly root: JsonObject
  readonly required: boolean
}

const NAMING = new Set(['title', 'name', 'subject', 'label', 'summary'])
const ASKING = new Set(['query', 'q', 'search', 'question', 'input', 'prompt'])
const TELLING = new Set(['description', 'body', 'text', 'content', 'message', 'details', 'note'])
const LONGEST_TITLE = 120
const DEEPEST = 6

/**
 * Fills the input that a JSON Schema describes: each field by its name, type and format from what is known. Fields that
 * nothing says anything about are left out; a required one among them is reported as missing.
 */
export function fillInput(schema: JsonObject, material: Material): Filled {
  return fillObject({ name: '', schema, root: schema, required: true }, material, DEEPEST)
}

function fill(given: Field, material: Material, depth: number): Filled {
  const field = { ...given, schema: resolved(given.schema, given.root) }
  const { schema, name, required } = field
  if (depth === 0) return missing(name)
  if (schema.const !== undefined) return filled(schema.const)
  if (Array.isArray(schema.enum)) return fillChoice(field, schema.enum, material)
  switch (schema.type) {
    case 'object':
      return fillObject(field, material, depth)
    case 'array':
      return fillArray(field, material, depth)
    case 'string':
      return fillText(field, material)
    case 'integer':
    case 'number':
      return fillNumber(field, material)
    case 'boolean':
      return required ? filled(schema.default ?? false) : missing(name)
    default:
      return missing(name)
  }
}

function fillObject({ name, schema, root, required }: Field, material: Material, depth: number): Filled {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const needed = new Set(Array.isArray(schema.required) ? schema.required : [])
  const value: Record<string, JsonValue> = {}
  const lacking: string[] = []
  for (const [key, inner] of Object.entries(properties)) {
    if (!isObject(inner)) continue
    const isNeeded = needed.has(key) && inner.default === undefined
    const part = fill({ name: key, schema: inner, root, required: isNeeded }, material, depth - 1)
    if (part.ok) value[key] = part.value
    else if (isNeeded) lacking.push(...part.missing)
  }
  if (lacking.length > 0) return { ok: false, missing: lacking }
  // An empty `data` would be a change that changes nothing.
  return Object.keys(value).length === 0 && (name !== '' || !required) ? missing(name) : filled(value)
}

function fillArray({ name, schema, root, required }: Field, material: Material, depth: number): Filled {
  const items = isObject(schema.items) ? resolved(schema.items, root) : undefined
  if (items === undefined) return missing(name)
  const most = typeof schema.maxItems === 'number' ? schema.maxItems : Number.POSITIVE_INFINITY
  if (items.format === 'uuid') {
    const ids = material.ids.named(name, material.about).slice(0, most)
    return ids.length > 0 ? filled(ids) : missing(name)
  }
  if (!required) return missing(name)
  const values = material.findings
    .slice(0, most)
    .map((finding) =>
      fill(
        { name: '', schema: items, root, required: true },
        { ...material, findings: [finding] },
        depth - 1,
      ),
    )
  const failed = values.find((value) => !value.ok)
  if (failed !== undefined) return failed
  return values.length > 0
    ? filled(values.flatMap((value) => (value.ok ? [value.value] : [])))
    : missing(name)
}

function fillText({ name, schema, required }: Field, material: Material): Filled {
  const limit = typeof schema.maxLength === 'number' ? schema.maxLength : 10_000
  const { ids, about, findings, ask, request } = material
  if (schema.format === 'uuid') {
    const [id] = ids.named(name, about)
    return id === undefined ? missing(name) : filled(id)
  }
  if (schema.format !== undefined || isPattern(schema.pattern)) return fillForm(name, schema, ask)
  const finding = findings[0]
  const word = nameWords(name).at(-1) ?? name
  if (NAMING.has(word) && finding !== undefined) {
    return filled(clipped(finding.text, Math.min(limit, LONGEST_TITLE)))
  }
  if (TELLING.has(word) && finding !== undefined) return filled(clipped(describe(finding), limit))
  if (ASKING.has(word) && required) return filled(clipped(question(request), limit))
  // A list item may be a plain text.
  if (name === '' && finding !== undefined) return filled(clipped(finding.text, limit))
  if (typeof schema.default === 'string' && required) return filled(schema.default)
  return required && TELLING.has(word) ? filled(clipped(request, limit)) : missing(name)
}

/** A text of a given form: taken from the ask where one of that form stands there. */
function fillForm(name: string, schema: JsonObject, ask: string): Filled {
  const forms: Readonly<Record<string, RegExp>> = {
    'date-time': /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/,
    date: /\b\d{4}-\d\d-\d\d\b/,
    email: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/,
    uri: /\bhttps?:\/\/[^\s"'<>)]+/,
  }
  const form = typeof schema.format === 'string' ? forms[schema.format] : undefined
  const found = form?.exec(ask)?.[0]
  return found === undefined ? missing(name) : filled(found)
}

function fillNumber({ name, schema, required }: Field, { ask, findings }: Material): Filled {
  const least = typeof schema.minimum === 'number' ? schema.minimum : 0
  const most = typeof schema.maximum === 'number' ? schema.maximum : Number.MAX_SAFE_INTEGER
  const said = new RegExp(`\\b${name}\\s*(?:of|is|to|:|=)?\\s*(\\d{1,9})\\b`, 'i').exec(ask)?.[1]
  if (said !== undefined) return filled(Math.min(most, Math.max(least, Number(said))))
  const urgency = findings[0]?.urgency
  if (/priority|urgency|severity/i.test(name) && urgency !== undefined && most < 100) {
    return filled(Math.round(least + urgency * (most - least)))
  }
  return required ? filled(least) : missing(name)
}

function fillChoice({ name, required }: Field, choices: readonly JsonValue[], { ask }: Material): Filled {
  const stems = wordsOf(ask).map(stemOf)
  const fieldStem = stemOf(nameWords(name).at(-1) ?? name)
  const at = stems.indexOf(fieldStem)
  // "status doing", "priority: high": right after the name of the field.
  const near = at === -1 ? [] : stems.slice(at + 1, at + 4)
  const said = choices.find(
    (choice) => typeof choice === 'string' && near.includes(stemOf(choice.toLowerCase())),
  )
  if (said !== undefined) return filled(said)
  const [first] = choices
  return required && first !== undefined ? filled(first) : missing(name)
}

function resolved(schema: JsonObject, root: JsonObject): JsonObject {
  const ref = schema.$ref
  if (typeof ref === 'string' && ref.startsWith('#/')) {
    let target: JsonValue | undefined = root
    for (const part of ref.slice(2).split('/')) target = isObject(target) ? target[part] : undefined
    return isObject(target) && target.$ref === undefined ? target : {}
  }
  const options = schema.anyOf ?? schema.oneOf
  if (!Array.isArray(options)) return schema
  const option = options.find((one): one is JsonObject => isObject(one) && one.type !== 'null')
  return option === undefined ? schema : resolved(option, root)
}

function describe({ text, from }: Finding): string {
  return from === '' ? text : `${text}\n\nFrom: ${from}`
}

/** A request without ids: they find nothing. */
function question(request: string): string {
  return request
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function isPattern(pattern: JsonValue | undefined): boolean {
  return typeof pattern === 'string'
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function filled(value: JsonValue): Filled {
  return { ok: true, value }
}

function missing(name: string): Filled {
  return { ok: false, missing: [name] }
}
