import { isRecord } from '../records.ts'
import { type Contract, type DeclaredError, type Kind, KNOWN_FORMAT, type Procedure } from './contract.ts'
import type { Schema } from './schema.ts'

const KNOWN_FIELDS = new Set([
  'path',
  'kind',
  'summary',
  'description',
  'input',
  'output',
  'job',
  'upload',
  'destructive',
  'idempotent',
  'batch',
  'access',
  'scope',
  'freshMinutes',
  'deprecated',
  'errors',
  'example',
])

/**
 * Reads a server's document. What it does not know it leaves out and names, so that a command goes on working with
 * servers that came after it. Undefined when it is no such document.
 */
export function readContract(document: unknown): Contract | undefined {
  if (!isRecord(document) || !Array.isArray(document.procedures)) return undefined
  const { format, version } = document
  if (typeof format !== 'number' || typeof version !== 'string') return undefined
  const unknown = new Set<string>()
  if (format > KNOWN_FORMAT) unknown.add(`format ${format} of /contract.json`)
  const procedures: Procedure[] = []
  for (const entry of document.procedures) {
    if (!isRecord(entry) || typeof entry.path !== 'string') continue
    const { path, kind } = entry
    for (const field of Object.keys(entry)) if (!KNOWN_FIELDS.has(field)) unknown.add(`“${field}”`)
    if (isKind(kind)) procedures.push(procedure(path, kind, entry))
    else unknown.add(`${path}, which is called in another way`)
  }
  return { format, version, procedures, unknown: [...unknown] }
}

function procedure(path: string, kind: Kind, entry: Readonly<Record<string, unknown>>): Procedure {
  const { job, scope } = entry
  return {
    path,
    kind,
    summary: text(entry.summary) ?? '',
    description: text(entry.description),
    input: schema(entry.input),
    output: schema(entry.output) ?? {},
    jobResult: isRecord(job) ? (schema(job.result) ?? {}) : undefined,
    upload: entry.upload === true,
    destructive: entry.destructive === true,
    batch: entry.batch === true,
    access: accessOf(entry.access),
    scope: typeof scope === 'string' && scope !== 'none' ? scope : undefined,
    deprecated: deprecation(entry.deprecated),
    errors: Array.isArray(entry.errors) ? entry.errors.filter(isDeclaredError) : [],
    example: schema(entry.example),
  }
}

function isKind(value: unknown): value is Kind {
  return value === 'query' || value === 'mutation' || value === 'subscription'
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function schema(value: unknown): Schema | undefined {
  return isRecord(value) ? value : undefined
}

function deprecation(value: unknown): Procedure['deprecated'] {
  if (!isRecord(value)) return undefined
  return { since: text(value.since) ?? '', use: text(value.use) ?? '', sunset: text(value.sunset) }
}

function isDeclaredError(value: unknown): value is DeclaredError {
  return (
    isRecord(value) &&
    typeof value.reason === 'string' &&
    typeof value.code === 'string' &&
    typeof value.message === 'string'
  )
}

function accessOf(access: unknown): string {
  const who = isRecord(access) ? access.who : undefined
  const min = isRecord(access) ? text(access.min) : undefined
  switch (who) {
    case 'public':
      return 'anyone'
    case 'user':
      return 'anyone logged in'
    case 'self':
      return 'the user it is about, and admins'
    case 'admin':
      return 'admins'
    case 'super_admin':
      return 'super admins'
    case 'member':
      return min === undefined ? 'members of the project' : `members of the project, ${min} or above`
    default:
      return 'those the server lets'
  }
}
