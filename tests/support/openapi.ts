import { Ajv2020 } from 'ajv/dist/2020.js'
import type { OpenApiDocument, Operation } from '../../server/src/surfaces/openapi/document.ts'

/** What of an answer the document speaks of. */
interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** A document as a judge of requests and answers. */
export interface OpenApiJudge {
  readonly operations: readonly { readonly address: string; readonly operation: Operation }[]
  /** What in an answer to `operationId` is not as the document says. */
  problemsOfAnswer(operationId: string, answer: Answered): string[]
  /** What is wrong with a value by the schema at a place in the document, a list of names. */
  problemsAt(place: readonly string[], value: unknown): string[]
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  email: /^[^@\s]+@[^@\s]+$/,
  uri: /^[a-z][a-z\d+.-]*:\S+$/,
  binary: /^/,
}

/** Answers may gain fields for those who read them; for the judge a field that no schema names is a mistake. */
export function openApiJudge(document: OpenApiDocument): OpenApiJudge {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS })
  const strict = structuredClone(document)
  for (const schema of Object.values(strict.components.schemas)) closeObjects(schema)
  ajv.addSchema({ ...strict, $id: 'openapi' })
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ address: `${method} ${path}`, operation })),
  )
  const placeOf = (operationId: string): [path: string, method: string, operation: Operation] => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.operationId === operationId) return [path, method, operation]
      }
    }
    throw new Error(`The document has no ${operationId}`)
  }
  const problemsAt = (place: readonly string[], value: unknown): string[] => {
    const pointer = place.map((name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1')))
    const validate = ajv.compile({ $ref: `openapi#/${pointer.join('/')}` })
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`.trim(),
    )
  }

  return {
    operations,
    problemsAt,
    problemsOfAnswer(operationId, { status, headers, body }) {
      const [path, method, { responses }] = placeOf(operationId)
      const key = String(status) in responses ? String(status) : status >= 400 ? 'default' : undefined
      const declared = key === undefined ? undefined : responses[key]
      if (key === undefined || declared === undefined) return [`${status} is not documented`]
      const place =
        '$ref' in declared ? declared.$ref.slice(2).split('/') : ['paths', path, method, 'responses', key]
      const response = '$ref' in declared ? document.components.responses[place.at(-1) ?? ''] : declared
      const missing = Object.keys(response?.headers ?? {}).filter(
        (name) => REQUIRED_HEADERS.has(name) && !headers.has(name),
      )
      const type = headers.get('content-type')?.split(';')[0] ?? ''
      const types = Object.keys(response?.content ?? {})
      const wrong =
        types.length === 0
          ? body === undefined
            ? []
            : ['a body where there is none']
          : types.includes(type)
            ? problemsAt([...place, 'content', type, 'schema'], body)
            : [`content type ${type}, not ${types.join(' or ')}`]
      return [...missing.map((name) => `no header ${name}`), ...wrong]
    },
  }
}

/** Headers that are there whenever they are documented, beside those that depend on the call. */
const REQUIRED_HEADERS = new Set(['X-Request-Id', 'RateLimit', 'RateLimit-Policy', 'ETag', 'Location'])

function closeObjects(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return
  if (Array.isArray(schema)) {
    for (const one of schema) closeObjects(one)
    return
  }
  const isOpen = 'properties' in schema && !('additionalProperties' in schema) && !('allOf' in schema)
  if (isOpen) Object.assign(schema, { additionalProperties: false })
  for (const part of Object.values(schema)) closeObjects(part)
}
