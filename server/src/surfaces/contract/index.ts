import { type Request, type Response, Router } from 'express'
import { contractVersion } from '../../contract/client-version.ts'
import { once } from '../../contract/once.ts'
import type { DocsAccess } from '../docs/reader-check.ts'
import { httpCallContext } from '../http/http-call-context.ts'
import { handle } from '../http/request.ts'
import { sendText, storedText } from '../http/stored-text.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { describeContract } from './describe-contract.ts'

/**
 * `/contract.json`: the registry as the command line reads it. For anyone where the documentation is public, else for
 * whoever is logged in or has an API key; to all others there is no such address.
 */
export function contractSurface(options: SurfaceOptions, docs: DocsAccess): Router {
  // When it is first asked for: what starts a server needs no schema.
  const contract = once(() =>
    storedText('application/json', JSON.stringify(describeContract(options.registry, contractVersion))),
  )
  const isPublic = docs === 'public'
  const isReader = async (req: Request, res: Response): Promise<boolean> =>
    isPublic || (await httpCallContext(options, req, res, false).resolveActor()) !== null
  const router = Router({ caseSensitive: true, strict: true })
  router.get('/contract.json', (req, res, next) => {
    handle(async () => {
      if (!(await isReader(req, res))) return next()
      res.setHeader('Cache-Control', isPublic ? 'public, no-cache' : 'private, no-cache')
      if (!isPublic) res.vary('Authorization')
      await sendText(req, res, contract())
    })(req, res, next)
  })
  return router
}
