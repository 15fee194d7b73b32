import type { Request } from 'express'
import type { FieldIssue } from '../../../contract/errors.ts'
import { type JsonSchema, resolved } from '../../../contract/json-schema.ts'
import { issueAbout, refuseFields } from '../../../contract/pipeline/validate.ts'
import type { RestRoute } from '../route.ts'
import { asWritten } from './as-written.ts'
import type { Condition } from './conditions.ts'
import { readJsonObject } from './read-body.ts'
import { readField, readQuery } from './read-query.ts'
import { type TextReader, textReader } from './text-reader.ts'

/** A request of one operation, its headers looked at. */
export interface OperationRequest {
  readonly req: Request
  readonly fields: Readonly<Record<string, string>>
  readonly condition: Condition
}

/** Puts a procedure's input together from path, query string, `If-Match` and body. @throws BAD_REQUEST */
export type InputReader = (request: OperationRequest) => unknown

const MAX_NAME_LENGTH = 60
/** What a stream reads beside the fields that its input declares. */
const RESUME = 'lastEventId'

/** The reader of an operation, made once: a call looks at no schema. */
export function inputReader(route: RestRoute): InputReader {
  const { entry, body } = route
  const pathReaders = readersOf(entry.input, route.pathFields)
  const queryReaders = readersOf(entry.input, route.queryFields)
  const isStream = entry.kind === 'subscription'
  if (isStream) queryReaders.set(RESUME, textReader({ type: 'string' }))
  return ({ req, fields, condition }) => {
    const input: Record<string, unknown> = {}
    const issues: FieldIssue[] = []
    for (const [name, reader] of pathReaders) readField(name, fields[name] ?? '', reader, input, issues)
    readQuery(searchOf(req), queryReaders, input, issues)
    if (isStream) resume(req, input)
    if (condition.version !== undefined) input.version = condition.version
    const whole = req.method === 'GET' || req.method === 'HEAD' ? input : withBody(route, input, req, issues)
    if (issues.length > 0) throw asWritten(refuseFields(issues))
    return entry.input === null && body === 'none' ? undefined : whole
  }
}

/** @throws BAD_REQUEST for each name in the query string */
export function requireNoQuery(req: Request): void {
  const issues: FieldIssue[] = []
  readQuery(searchOf(req), new Map(), {}, issues)
  if (issues.length > 0) throw asWritten(refuseFields(issues))
}

function readersOf(schema: JsonSchema | null, names: readonly string[]): Map<string, TextReader> {
  const readers = new Map<string, TextReader>()
  const properties = schema === null ? undefined : resolved(schema).properties
  for (const name of names) {
    const field = properties?.[name]
    readers.set(name, textReader(typeof field === 'object' ? field : {}, schema?.$defs))
  }
  return readers
}

/** An `EventSource` that reconnects keeps its URL and sends the header; an empty one means the beginning. */
function resume(req: Request, input: Record<string, unknown>): void {
  const header = req.get('last-event-id')
  if (header !== undefined && header !== '') input[RESUME] = header
  else if (input[RESUME] === '') delete input[RESUME]
}

/** `input` with the fields of the body, none of which may stand elsewhere. */
function withBody(
  route: RestRoute,
  input: Record<string, unknown>,
  req: Request,
  issues: FieldIssue[],
): Record<string, unknown> {
  const sent = readJsonObject(req)
  for (const name of Object.keys(sent)) {
    const place = placeOf(route, name)
    if (place !== undefined)
      issues.push(issueAbout(name.slice(0, MAX_NAME_LENGTH).toWellFormed(), place, undefined))
  }
  return route.body === 'data' ? { ...input, data: sent } : { ...sent, ...input }
}

/** Where `name` belongs instead of the body; undefined where it may stand there, or the procedure finds out. */
function placeOf({ entry, ...route }: RestRoute, name: string): string | undefined {
  if (route.versioned && name === 'version') return 'Send it as If-Match: "3".'
  // What `data` holds may be called like anything.
  if (route.body === 'data') return undefined
  if (route.pathFields.includes(name)) return 'It stands in the path; leave it out of the body.'
  if (route.queryFields.includes(name)) return 'Send it in the query string.'
  return entry.input === null ? 'There is no such field.' : undefined
}

/** The query string of `req`, without its question mark. */
function searchOf(req: Request): string {
  const at = req.url.indexOf('?')
  return at === -1 ? '' : req.url.slice(at + 1)
}
