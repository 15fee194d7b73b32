import { Router } from 'express'
import type { SurfaceOptions } from '../http/surface-options.ts'
import type { RestRoute } from '../rest/route.ts'

/** Who may read the API's description at `/docs`, `/openapi.json` and `/llms.txt`. */
export type DocsAccess = 'public' | 'admin' | 'off'

/** `/docs`, `/openapi.json`, `/llms.txt` (docs/rest.md). */
export function docsSurface(
  _options: SurfaceOptions,
  _routes: readonly RestRoute[],
  _access: DocsAccess,
): Router {
  return Router({ caseSensitive: true, strict: true })
}
