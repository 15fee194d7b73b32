import { deprecationHeaders } from '../../../contract/deprecation.ts'
import { REST_BASE, type RestRoute } from '../route.ts'

/** The headers of an answer to a request whose path had `fields`. */
export type DeprecationHeaders = (
  fields: Readonly<Record<string, string>>,
) => Readonly<Record<string, string>>

/**
 * What the answers of a deprecated operation say of that, refusals as well; undefined for operations that stay. The
 * operation to go over to is linked where its address follows from the one that was called.
 */
export function deprecation(route: RestRoute, routes: readonly RestRoute[]): DeprecationHeaders | undefined {
  const { deprecated } = route.entry.policy
  if (deprecated === undefined) return undefined
  const successor = routes.find(({ entry }) => entry.path === deprecated.use)
  const isKnown = successor?.pathFields.every((field) => route.pathFields.includes(field)) === true
  if (successor === undefined || !isKnown) {
    const headers = deprecationHeaders(route.entry)
    return () => headers
  }
  return (fields) => {
    const path = successor.path.replaceAll(/\{(\w+)\}/g, (_braces, field: string) =>
      encodeURIComponent(fields[field] ?? ''),
    )
    return deprecationHeaders(route.entry, REST_BASE + path)
  }
}
