import type { RegistryEntry } from '../../contract/registry.ts'

/** The methods of REST operations. */
export type RestMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Where every operation is. */
export const REST_BASE = '/api/v1'

/** A procedure as a REST operation. */
export interface RestRoute {
  readonly entry: RegistryEntry
  readonly method: RestMethod
  /** Below {@link REST_BASE}, with parameters in braces: `/projects/{projectId}/tasks`. */
  readonly path: string
  /** The fields of the input that stand in the path. */
  readonly pathFields: readonly string[]
  /** The fields of the input that come as a query string. */
  readonly queryFields: readonly string[]
  /**
   * What the body holds: nothing, the remaining fields of the input, the input's one field `data` (updates), or a form
   * with a file.
   */
  readonly body: 'none' | 'fields' | 'data' | 'multipart'
  /** Whether a request without a body is none; otherwise the operation is called with nothing in it. */
  readonly needsBody: boolean
  /** The fields of the body; for `data` those of the object in it are the body's. */
  readonly bodyFields: readonly string[]
  /** The status of success: 201 with the address of what was made, 202 with the address of the job, 204 with nothing. */
  readonly status: 200 | 201 | 202 | 204
  /** The procedure whose operation is the `Location` of what was made: `jobs.get` for what answers with a job. */
  readonly located: string | undefined
  /** The field `version` of the input comes as `If-Match`. */
  readonly versioned: boolean
}
