import type { JsonSchema } from '../../../server/src/contract/json-schema.ts'
import { REST_BASE, type RestRoute } from '../../../server/src/surfaces/rest/route.ts'
import type { Encoded } from '../model.ts'
import { branchesOf, record, resolved, type SchemaPart } from '../schema/fields.ts'
import { formOf } from './reading.ts'

/** An input as a request of its operation, or undefined where a path or query string has no words for it. */
export function encodeRest(
  route: RestRoute,
  input: unknown,
  headers: Readonly<Record<string, string>>,
): Encoded | undefined {
  const { entry, method, body } = route
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const json = { ...headers, 'content-type': 'application/json' }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    if (input === undefined && entry.input === null) {
      return { request: { method, target: REST_BASE + route.path, headers } }
    }
    // A whole input of another kind is a whole body of another kind.
    if (!hasBody || body === 'data' || route.pathFields.length > 0 || input === undefined) return undefined
    return { request: { method, target: REST_BASE + route.path, headers: json, body: JSON.stringify(input) } }
  }
  const rest = new Map<string, unknown>(Object.entries(input))
  const meant: [string, unknown][] = []
  const take = (name: string): unknown => {
    const value = rest.get(name)
    rest.delete(name)
    return value
  }
  let path = route.path
  for (const name of route.pathFields) {
    const text = textOf(take(name))
    if (text === undefined || text === '') return undefined
    path = path.replace(`{${name}}`, percent(text))
    meant.push([name, readAs(entry.input, name, text)])
  }
  const version = route.versioned ? take('version') : undefined
  const condition = version === undefined ? {} : conditionOf(version)
  if (condition === undefined) return undefined
  if (version !== undefined)
    meant.push(['version', readAs(entry.input, 'version', textOf(version) ?? JSON.stringify(version))])
  const data = body === 'data' ? take('data') : undefined
  if (data !== undefined) meant.push(['data', data])
  const inBody = hasBody && body !== 'data' && body !== 'none'
  const searched = [...rest].filter(([name]) => !inBody || route.queryFields.includes(name))
  const search: string[] = []
  for (const [name, value] of searched) {
    rest.delete(name)
    const texts = textsOf(value)
    if (texts === undefined) return undefined
    search.push(...texts.map((text) => `${percent(name)}=${percent(text)}`))
    const values = texts.map((text) => readAs(entry.input, name, text))
    if (texts.length > 0) meant.push([name, isList(entry.input, name) ? values : values[0]])
  }
  meant.push(...rest)
  const target = `${REST_BASE}${path}${search.length === 0 ? '' : `?${search.join('&')}`}`
  const request = { method, target, headers: { ...headers, ...condition } }
  const odd = /%ed%[ab]/i.test(target) ? ({ undecodable: true } as const) : {}
  const whole = Object.fromEntries(meant)
  if (body === 'multipart')
    return { request: { ...request, ...formOf(whole, headers) }, meant: whole, ...odd }
  const sent = body === 'data' ? data : inBody ? Object.fromEntries(rest) : undefined
  if (sent === undefined) return { request, meant: whole, ...odd }
  return {
    request: { ...request, headers: { ...json, ...condition }, body: JSON.stringify(sent) },
    meant: whole,
    ...odd,
  }
}

/** What a value is in a path; objects and nothing are nothing there. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

/** What a value is in a query string: one text, or one for each of a list. */
function textsOf(value: unknown): string[] | undefined {
  if (value === undefined) return []
  if (value === null) return undefined
  if (!Array.isArray(value)) return [textOf(value) ?? JSON.stringify(value)]
  const texts = value.map(textOf)
  return texts.length === 0 || texts.includes(undefined) ? undefined : texts.map(String)
}

function conditionOf(version: unknown): Record<string, string> | undefined {
  const text = typeof version === 'string' ? version : JSON.stringify(version)
  return /^[\x20-\x7e\xa0-\xff]{0,2000}$/.test(text) ? { 'if-match': `"${text}"` } : undefined
}

/** What the text of a field is read as, where its schema says that it is no text. */
function readAs(schema: JsonSchema | null, name: string, text: string): unknown {
  const part = partOf(schema, name)
  const type = part.type === 'array' ? record(part.items).type : part.type
  if ((type === 'integer' || type === 'number') && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text))
    return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if (type !== undefined || part.enum !== undefined) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function isList(schema: JsonSchema | null, name: string): boolean {
  return partOf(schema, name).type === 'array'
}

function partOf(schema: JsonSchema | null, name: string): SchemaPart {
  const root = record(schema)
  const part = resolved(record(record(root.properties)[name]), root)
  const branch = branchesOf(part)?.find(({ type }) => type !== 'null')
  return branch === undefined ? part : resolved(branch, root)
}

/** Percent-encoding of any text; lone surrogates as the three bytes that are no UTF-8. */
function percent(text: string): string {
  if (text.isWellFormed()) return encodeURIComponent(text)
  return Array.from(text, (char) => (char.isWellFormed() ? encodeURIComponent(char) : surrogate(char))).join(
    '',
  )
}

function surrogate(char: string): string {
  const code = char.charCodeAt(0)
  const bytes = [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
  return bytes.map((byte) => `%${byte.toString(16)}`).join('')
}
