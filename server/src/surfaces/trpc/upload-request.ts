import type { AnyTRPCRouter } from '@trpc/server'
import type { Request } from 'express'
import type { ProcedureMeta } from '../../contract/procedure.ts'
import { takesFile as policyTakesFile } from '../../contract/registry.ts'

/** Whether the procedure `path` takes a file. */
export function takesFile(router: AnyTRPCRouter, path: string): boolean {
  const procedures: Record<string, { _def: { meta?: unknown } }> = router._def.procedures
  const meta = Object.hasOwn(procedures, path) ? procedures[path]?._def.meta : undefined
  return isMeta(meta) && policyTakesFile(meta)
}

/** Whether `req`, seen from the top of the server, calls one procedure that takes a file. */
export function isUploadCall(router: AnyTRPCRouter, req: Request): boolean {
  const [, path] = /^\/trpc\/([\w.]+)$/.exec(req.path) ?? []
  return req.method === 'POST' && path !== undefined && takesFile(router, path)
}

function isMeta(meta: unknown): meta is ProcedureMeta {
  return typeof meta === 'object' && meta !== null && 'policy' in meta
}
