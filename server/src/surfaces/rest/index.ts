import { type Request, Router } from 'express'
import type { SurfaceOptions } from '../http/surface-options.ts'
import type { RestRoute } from './route.ts'

/** REST under `/api/v1`. */
export interface RestSurface {
  readonly handler: Router
  /** Whether `req`, seen from the top of the server, sends a file. */
  isUpload(req: Request): boolean
}

/** Every procedure as a REST operation (docs/rest.md). */
export function restSurface(_options: SurfaceOptions, _routes: readonly RestRoute[]): RestSurface {
  return { handler: Router({ caseSensitive: true, strict: true }), isUpload: () => false }
}
