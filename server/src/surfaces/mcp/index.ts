import { type RequestHandler, Router } from 'express'
import { once } from '../../contract/once.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'

/**
 * The Model Context Protocol at `/mcp` (docs/mcp.md): revision 2026-07-28, and its predecessors for older clients. One
 * message per request, answered as JSON, or as a stream when there is progress to tell; no sessions.
 *
 * Loaded by the first message: the library takes 5 MB of heap, which a server without such clients should not pay.
 */
export function mcpSurface(options: SurfaceOptions): Router {
  const routes = Router({ caseSensitive: true, strict: true })
  const load = once(async () => (await import('./mcp-routes.ts')).mcpRoutes(options))
  const answer: RequestHandler = async (req, res, next) => (await load())(req, res, next)
  routes.all('/', answer)
  return routes
}
