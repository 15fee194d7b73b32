import { Router } from 'express'
import type { SurfaceOptions } from '../http/surface-options.ts'

/** The Model Context Protocol at `/mcp` (docs/mcp.md). */
export function mcpSurface(_options: SurfaceOptions): Router {
  return Router({ caseSensitive: true, strict: true })
}
