import { exampleInput } from '../../contract/example-input.ts'
import { type JsonSchema, resolved } from '../../contract/json-schema.ts'
import { takesFile } from '../../contract/registry.ts'
import { isVersioned } from '../rest/answer/is-versioned.ts'
import type { RestRoute } from '../rest/route.ts'
import { pascalCase } from '../sdk/names.ts'
import type { MediaType, Operation, Parameter, Ref } from './document.ts'
import type { DocumentSchemas } from './schemas.ts'

/** Headers that many operations take. */
export const commonParameters: Readonly<Record<string, Parameter>> = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'Makes it safe to send the call again: with the same key and input it is carried out once, and answered the same for 24 hours. Any 1–255 printable characters; a UUID is good.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description:
      'The `ETag` you saw, for example `"3"`: refused with 412 if somebody changed it meanwhile. Without it the last one wins.',
    schema: { type: 'string', pattern: '^("(0|[1-9]\\d{0,9})"|\\*)$' },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The `ETag` you have: the answer is 304 without a body if it is still the current one.',
    schema: { type: 'string' },
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    required: false,
    description:
      'The id of the last event you saw: the stream goes on after it. `0` begins with the first event kept.',
    schema: { type: 'string', pattern: '^[\\w:.-]{1,64}$' },
  },
  LastEventIdInQuery: {
    name: 'lastEventId',
    in: 'query',
    required: false,
    description: 'The same as `Last-Event-ID`, which wins.',
    schema: { type: 'string', pattern: '^[\\w:.-]{1,64}$' },
  },
}

/** What stands in the path, the query string and the headers of an operation. */
export function parametersOf(route: RestRoute, schemas: DocumentSchemas): (Parameter | Ref)[] {
  const { entry, pathFields, queryFields, versioned } = route
  const example: unknown = exampleInput(entry)
  const { properties, required: names } = resolved(entry.input ?? {})
  const required = new Set(names)
  const parameter = (name: string, place: 'path' | 'query'): Parameter => {
    const schema = schemas.write(properties?.[name] ?? true, 'input')
    const { description, ...rest } = schema
    const value: unknown =
      typeof example === 'object' && example !== null ? Reflect.get(example, name) : undefined
    return {
      name,
      in: place,
      required: place === 'path' || required.has(name),
      ...(description === undefined ? {} : { description }),
      ...(isText(rest) ? listStyle(rest) : { content: { 'application/json': { schema: rest } } }),
      ...(value === undefined || !isText(rest) ? {} : { example: value }),
    }
  }
  return [
    ...pathFields.map((name) => parameter(name, 'path')),
    ...queryFields.map((name) => parameter(name, 'query')),
    ...(entry.kind === 'subscription' ? [ref('LastEventId'), ref('LastEventIdInQuery')] : []),
    ...(versioned ? [ref('IfMatch')] : []),
    ...(entry.kind === 'query' && isVersioned(entry.output) ? [ref('IfNoneMatch')] : []),
    ...(entry.kind === 'mutation' ? [ref('IdempotencyKey')] : []),
  ]
}

/** The body of an operation, or undefined where it takes none. */
export function requestBodyOf(route: RestRoute, schemas: DocumentSchemas): Operation['requestBody'] {
  const { entry, body, needsBody } = route
  if (body === 'none' || entry.input === null) return undefined
  const schema = bodySchema(route, resolved(entry.input))
  const name = `${pascalCase(entry.path)}Body`
  const example = bodyExample(route)
  const content: MediaType = {
    schema: schemas.declare(name, schema, 'input', `The body of \`${entry.path}\`.`),
    ...(takesFile(entry) ? {} : { example }),
  }
  return {
    required: needsBody,
    content: { [body === 'multipart' ? 'multipart/form-data' : 'application/json']: content },
  }
}

/** The part of an example of the input that travels in the body. */
export function bodyExample({ entry, body, bodyFields }: RestRoute): Record<string, unknown> {
  const example: unknown = exampleInput(entry)
  if (typeof example !== 'object' || example === null) return {}
  const data: unknown = body === 'data' ? Reflect.get(example, 'data') : undefined
  if (typeof data === 'object' && data !== null) return { ...data }
  return Object.fromEntries(Object.entries(example).filter(([name]) => bodyFields.includes(name)))
}

function bodySchema({ body, bodyFields }: RestRoute, input: JsonSchema): JsonSchema {
  const data = input.properties?.data
  if (body === 'data' && typeof data === 'object') return data
  const { $schema: _dialect, $defs: _defs, examples: _examples, required: _all, ...rest } = input
  const properties = Object.entries(input.properties ?? {}).filter(([name]) => bodyFields.includes(name))
  const required = (input.required ?? []).filter((name) => bodyFields.includes(name))
  return {
    ...rest,
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
  }
}

function ref(name: string): Ref {
  return { $ref: `#/components/parameters/${name}` }
}

/** Whether a value is written as text, and a list by repeating the field. */
function isText(schema: JsonSchema): boolean {
  const { type, items, anyOf } = schema
  if (anyOf !== undefined) return anyOf.every((option) => isText(option))
  if (type === 'array') return typeof items === 'object' && !Array.isArray(items) && isText(items)
  return type !== 'object' && (type !== undefined || schema.$ref !== undefined || schema.enum !== undefined)
}

function listStyle(schema: JsonSchema): Pick<Parameter, 'schema' | 'style' | 'explode'> {
  return schema.type === 'array' ? { schema, style: 'form', explode: true } : { schema }
}
