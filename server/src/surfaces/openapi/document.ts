import type { JsonSchema } from '../../contract/json-schema.ts'

/** A reference to something under `components`. */
export interface Ref {
  readonly $ref: string
}

/** A request's parameter outside of its body. */
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema?: JsonSchema
  readonly example?: unknown
  readonly style?: 'form'
  readonly explode?: boolean
  /** Instead of `schema`: a value that travels as JSON text. */
  readonly content?: Readonly<Record<string, MediaType>>
}

/** What a body holds. */
export interface MediaType {
  readonly schema: JsonSchema
  readonly example?: unknown
}

/** A header of an answer. */
export interface Header {
  readonly description: string
  readonly schema: JsonSchema
}

/** One answer. */
export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, Header | Ref>>
  readonly content?: Readonly<Record<string, MediaType>>
}

/** The same call written for a tool. */
export interface CodeSample {
  readonly lang: string
  readonly label: string
  readonly source: string
}

/** One operation. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly deprecated?: true
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters: readonly (Parameter | Ref)[]
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, MediaType>> }
  readonly responses: Readonly<Record<string, Response | Ref>>
  /** The procedure it is: its name in the SDK, the command line and MCP. */
  readonly 'x-procedure': string
  /** What an API key needs; left out where no key will do or nothing is needed. */
  readonly 'x-scope'?: string
  readonly 'x-codeSamples': readonly CodeSample[]
}

/** OpenAPI 3.1, as far as it is used here (https://spec.openapis.org/oas/v3.1.1). */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly summary: string
    readonly description: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly jsonSchemaDialect: string
  readonly servers: readonly { readonly url: string; readonly description: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly parameters: Readonly<Record<string, Parameter>>
    readonly headers: Readonly<Record<string, Header>>
    readonly responses: Readonly<Record<string, Response>>
    readonly securitySchemes: Readonly<Record<string, unknown>>
  }
}
