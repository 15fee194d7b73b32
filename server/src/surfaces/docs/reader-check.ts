import type { Request, Response } from 'express'
import { AppError } from '../../contract/errors.ts'
import { authorise } from '../../contract/pipeline/authorise.ts'
import { limit } from '../../contract/pipeline/limit.ts'
import type { QueryPolicy } from '../../contract/policy.ts'
import { answerError } from '../http/answer-error.ts'
import { httpCallContext } from '../http/http-call-context.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'

/** Who may read the API's description at `/docs`, `/openapi.json` and `/llms.txt`. */
export type DocsAccess = 'public' | 'admin' | 'off'

/** The rule for `admin`: also with a key, so that a program can fetch the document. */
const ADMINS: QueryPolicy = { access: { who: 'admin' }, scope: 'none', limit: 'read' }

/** Whether whoever sent `req` may read; if not, they have been answered 401, 403 or 429. */
export function readerCheck(
  options: SurfaceOptions,
  access: DocsAccess,
): (req: Request, res: Response) => Promise<boolean> {
  if (access === 'public') return async () => true
  return async (req, res) => {
    try {
      const context = httpCallContext(options, req, res, false)
      await limit(ADMINS, await authorise(ADMINS, context), context)
      return true
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown
      answerError(res, thrown)
      return false
    }
  }
}
