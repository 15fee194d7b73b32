import { createHash } from 'node:crypto'
import { type Request, type Response, Router } from 'express'
import { contractVersion } from '../../contract/client-version.ts'
import type { DocsAccess } from '../docs/reader-check.ts'
import { httpCallContext } from '../http/http-call-context.ts'
import { handle } from '../http/request.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { describeContract } from './describe-contract.ts'

/**
 * `/contract.json`: the registry as the command line reads it. For anyone where the documentation is public, else for
 * whoever is logged in or has an API key; to all others there is no such address.
 */
export function contractSurface(options: SurfaceOptions, docs: DocsAccess): Router {
  let printed: { readonly body: Buffer; readonly etag: string } | undefined
  const cacheControl = docs === 'public' ? 'public, no-cache' : 'private, no-cache'
  const answer = (req: Request, res: Response): void => {
    // When it is first asked for: what starts a server needs no schema.
    printed ??= print(options)
    const { body, etag } = printed
    res.setHeader('ETag', etag)
    res.setHeader('Cache-Control', cacheControl)
    if (docs !== 'public') res.vary('Authorization')
    if (isNamed(req.get('if-none-match'), etag)) {
      res.status(304).end()
      return
    }
    res.type('application/json').send(body)
  }
  const router = Router({ caseSensitive: true, strict: true })
  router.get('/contract.json', (req, res, next) => {
    if (docs === 'public') return answer(req, res)
    handle(async () => {
      const actor = await httpCallContext(options, req, res, false).resolveActor()
      if (actor === null) next()
      else answer(req, res)
    })(req, res, next)
  })
  return router
}

function print({ registry }: SurfaceOptions): { readonly body: Buffer; readonly etag: string } {
  const body = Buffer.from(JSON.stringify(describeContract(registry, contractVersion)))
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` }
}

/** Whether an `If-None-Match` names this tag, compared weakly (RFC 9110, §13.1.2). */
function isNamed(header: string | undefined, etag: string): boolean {
  return (
    header?.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag) ?? false
  )
}
