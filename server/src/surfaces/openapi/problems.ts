import {
  AppError,
  type ErrorCode,
  type ErrorReason,
  errorCodes,
  errorReasons,
} from '../../contract/errors.ts'
import { type JsonSchema, resolved } from '../../contract/json-schema.ts'
import { PROBLEM_JSON, type Problem, problemOf } from '../http/problem.ts'
import type { RestRoute } from '../rest/route.ts'
import { allCodes, allReasons, reasonsOf } from '../sdk/procedure-errors.ts'
import type { Operation, Ref, Response } from './document.ts'
import { refTo } from './schemas.ts'

/** Every failed answer (RFC 9457). */
const problemSchema: JsonSchema = {
  type: 'object',
  description: 'A failed answer (RFC 9457), with what a program decides by: `code` and `reason`.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'issues', 'retryable', 'traceId'],
  properties: {
    type: {
      type: 'string',
      format: 'uri',
      description: 'The reason, or the code where there is none, as `urn:plinth:error:NOT_FOUND`.',
    },
    title: { type: 'string', description: 'What every problem of this type is.' },
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What went wrong this time, and what to do.' },
    instance: { type: 'string', format: 'uri', description: 'This occurrence: `urn:plinth:request:<id>`.' },
    code: { $ref: refTo('ErrorCode') },
    reason: { $ref: refTo('ErrorReason') },
    issues: {
      type: 'array',
      maxItems: 10,
      items: { $ref: refTo('FieldIssue') },
      description: 'The fields that were refused; ten at most.',
    },
    retryable: { type: 'boolean', description: 'Whether the same request may succeed later, unchanged.' },
    retryAfterMs: { type: 'number', description: 'How long to wait first, in milliseconds.' },
    traceId: { type: 'string', description: 'Quote it when asking for help; the same as `X-Request-Id`.' },
  },
}

/** The schemas that problems are made of. */
export const problemSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: problemSchema,
  ErrorCode: { type: 'string', enum: allCodes(), description: 'What kind of failure.' },
  ErrorReason: {
    type: 'string',
    enum: allReasons(),
    description: 'Why, where the code alone does not say what to do next.',
  },
  FieldIssue: {
    type: 'object',
    description: 'A field that was refused.',
    required: ['field', 'message'],
    properties: {
      field: {
        type: 'string',
        description:
          'As you wrote it: a dotted path into the body, a name of the path or query string, or a header. Empty means the whole body.',
      },
      message: { type: 'string' },
      value: {
        type: ['string', 'number', 'boolean', 'null'],
        description: 'What was sent; left out where it may be secret.',
      },
    },
  },
}

/** Reasons that say the same of every operation. */
const COMMON: ReadonlySet<ErrorReason> = new Set([
  'IDEMPOTENCY_MISMATCH',
  'OVERLOADED',
  'SCOPE_MISSING',
  'SESSION_REQUIRED',
])
/** Codes after which a caller is told how long to wait. */
const WAITS: ReadonlySet<ErrorCode> = new Set(['TOO_MANY_REQUESTS', 'SERVICE_UNAVAILABLE'])

/** How an operation fails, by status; whatever else goes wrong is `default`. */
export function problemResponses(route: RestRoute): Record<string, Response | Ref> {
  const reasons = reasonsOf(route.entry)
  const answers = codesOf(route).map((code): [string, Response | Ref] => {
    const why = reasons.filter((reason) => codeOf(reason, route) === code)
    const isCommon = why.every((reason) => COMMON.has(reason))
    const status = String(errorCodes[code].status)
    return [status, isCommon ? { $ref: refToResponse(code) } : problemResponse(code, why)]
  })
  return { ...Object.fromEntries(answers), default: { $ref: refToResponse('Problem') } }
}

/** The failures that need nothing of an operation to be described, as far as `operations` refer to them. */
export function commonProblems(operations: readonly Operation[]): Record<string, Response> {
  const used = new Set(
    operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap((response) => ('$ref' in response ? [response.$ref] : [])),
    ),
  )
  const codes = allCodes()
    .filter((code) => used.has(refToResponse(code)))
    .map((code) => [code, problemResponse(code, commonReasons(code))] as const)
  const other: Response = {
    description: 'Any other failure.',
    headers: headersOf(undefined),
    content: { [PROBLEM_JSON]: { schema: { $ref: refTo('Problem') } } },
  }
  return { ...Object.fromEntries(codes), Problem: other }
}

function commonReasons(code: ErrorCode): ErrorReason[] {
  return allReasons().filter((reason) => COMMON.has(reason) && errorReasons[reason].code === code)
}

function refToResponse(name: string): string {
  return `#/components/responses/${name}`
}

/** A stale version is a condition that does not hold where it came as `If-Match`. */
function codeOf(reason: ErrorReason, { versioned }: RestRoute): ErrorCode {
  return versioned && reason === 'VERSION_CONFLICT' ? 'PRECONDITION_FAILED' : errorReasons[reason].code
}

function codesOf(route: RestRoute): ErrorCode[] {
  const { entry, body } = route
  const { access } = entry.policy
  const codes = new Set<ErrorCode>(reasonsOf(entry).map((reason) => codeOf(reason, route)))
  codes.add('BAD_REQUEST').add('TOO_MANY_REQUESTS').add('SERVICE_UNAVAILABLE')
  codes.add('UNAUTHORIZED').add('INTERNAL_SERVER_ERROR')
  if (access.who !== 'public') codes.add('FORBIDDEN')
  if (Object.keys(resolved(entry.input ?? {}).properties ?? {}).length > 0) codes.add('NOT_FOUND')
  if (entry.kind === 'mutation') codes.add('CONFLICT').add('UNSUPPORTED_MEDIA_TYPE')
  if (body !== 'none') codes.add('PAYLOAD_TOO_LARGE')
  if (body === 'multipart') codes.add('TIMEOUT')
  return allCodes().filter((code) => codes.has(code))
}

function problemResponse(code: ErrorCode, reasons: readonly ErrorReason[]): Response {
  const narrowed: JsonSchema = { type: 'object', properties: { code: { const: code } }, required: ['code'] }
  const lines = reasons.map((reason) => `- \`${reason}\`: ${errorReasons[reason].message}`)
  return {
    description: [
      `\`${code}\`: ${errorCodes[code].message}`,
      ...(lines.length > 0 ? ['', ...lines] : []),
    ].join('\n'),
    headers: headersOf(code),
    content: {
      [PROBLEM_JSON]: {
        schema: { allOf: [{ $ref: refTo('Problem') }, narrowed] },
        example: problemExample(code, reasons[0]),
      },
    },
  }
}

function headersOf(code: ErrorCode | undefined): Record<string, Ref> {
  const wait = code === undefined || !WAITS.has(code) ? [] : ['Retry-After']
  return Object.fromEntries(
    ['X-Request-Id', ...wait].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  )
}

function problemExample(code: ErrorCode, reason: ErrorReason | undefined): Problem {
  const wait = WAITS.has(code) ? { retryAfterMs: 1_000 } : {}
  return problemOf(new AppError(code, reason, wait), '4bf92f3577b34da6a3ce929d0e0e4736')
}
