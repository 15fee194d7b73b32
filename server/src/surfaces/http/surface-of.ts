import type { Request } from 'express'
import type { Surface } from '../../platform/request-context.ts'

/** What a client built on the SDK may say that it is; it only names the caller in logs and audit rows. */
const NAMED_CLIENTS: ReadonlySet<string> = new Set<Surface>(['cli'])

/** The way a request came in: by its path, and of those over `/trpc` by what the client says that it is. */
export function surfaceOf(req: Request): Surface {
  // Not `path`, which is shorter below where a surface is mounted.
  const { originalUrl } = req
  if (originalUrl.startsWith('/api/')) return 'rest'
  if (/^\/mcp(?:[/?]|$)/.test(originalUrl)) return 'mcp'
  const named = req.get('x-plinth-surface')
  return named !== undefined && NAMED_CLIENTS.has(named) ? 'cli' : 'trpc'
}
