import { contractVersion } from '../../contract/client-version.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { REST_BASE, type RestRoute } from '../rest/route.ts'
import type { OpenApiDocument, Operation } from './document.ts'
import { introduction } from './introduction.ts'
import { commonHeaders, operationOf } from './operation.ts'
import { commonParameters } from './parameters.ts'
import { commonProblems, problemSchemas } from './problems.ts'
import { documentSchemas } from './schemas.ts'
import { tagDescription, tagOf } from './tags.ts'

/** What a document needs beside the operations. */
export interface DocumentOptions {
  readonly registry: readonly RegistryEntry[]
  readonly routes: readonly RestRoute[]
  /** The origin of the server. */
  readonly origin: string
}

/**
 * The REST operations as an OpenAPI document. The same procedures always give the same document.
 * @throws Error when two schemas would have one name
 */
export function openApiDocument({ registry, routes, origin }: DocumentOptions): OpenApiDocument {
  const schemas = documentSchemas(registry)
  const paths: Record<string, Record<string, Operation>> = {}
  const operations = routes.map((route) => {
    const operation = operationOf(route, schemas, origin)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation }
    return operation
  })
  const tags = [...new Set(routes.map(({ entry }) => tagOf(entry.path)))]
  return {
    openapi: '3.1.1',
    info: {
      title: 'Plinth',
      version: contractVersion,
      summary: 'Every procedure of the server as a REST operation.',
      description: introduction(),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: `${origin}${REST_BASE}`, description: 'This server.' }],
    tags: tags.map((name) => ({ name, description: tagDescription(name) })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: sorted({ ...schemas.all(), ...problemSchemas }),
      parameters: commonParameters,
      headers: commonHeaders,
      responses: commonProblems(operations),
      securitySchemes: {
        session: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The `accessToken` that `auth.login` answers with. It may do whatever its user may.',
        },
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A key made with `apiKeys.create`, for programs. It may do what its user may, within its scopes; each operation names the one it needs (`x-scope`).',
        },
      },
    },
  }
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
