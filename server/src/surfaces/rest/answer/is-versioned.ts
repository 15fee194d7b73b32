import { type JsonSchema, resolved } from '../../../contract/json-schema.ts'

/** Whether answers of this schema carry the row's version, and with it an `ETag`. */
export function isVersioned(output: JsonSchema): boolean {
  const version = resolved(output).properties?.version
  return typeof version === 'object' && version.type === 'integer'
}
