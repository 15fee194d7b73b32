import { Router } from 'express'
import type { SurfaceOptions } from '../http/surface-options.ts'

/** `/contract.json`: the registry as the command line reads it. */
export function contractSurface(_options: SurfaceOptions): Router {
  return Router({ caseSensitive: true, strict: true })
}
