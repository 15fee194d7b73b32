import type { AnyTRPCRouter } from '@trpc/server'
import express, { type Express, type Request } from 'express'
import type { ContractRuntime } from '../../contract/call-context.ts'
import { registryOf } from '../../contract/registry.ts'
import type { Downloads } from '../../modules/files/index.ts'
import type { LoadGuard } from '../../platform/limits/index.ts'
import type { MailLog } from '../../platform/mail/index.ts'
import { contractSurface } from '../contract/index.ts'
import { docsSurface } from '../docs/index.ts'
import type { DocsAccess } from '../docs/reader-check.ts'
import { mcpSurface } from '../mcp/index.ts'
import { restSurface } from '../rest/index.ts'
import { REST_BASE } from '../rest/route.ts'
import { restRoutes } from '../rest/route-table.ts'
import { wantsLines } from '../trpc/answer-lines.ts'
import { trpcSurface } from '../trpc/index.ts'
import { isUploadCall } from '../trpc/upload-request.ts'
import { lastResort, notFound } from './answer-error.ts'
import { readBody } from './body.ts'
import { allowOrigins } from './cors.ts'
import { devMails } from './dev-mails/routes.ts'
import { downloadRoutes } from './downloads.ts'
import { fixedHeaders } from './fixed-headers.ts'
import { type HealthCheck, healthRoutes } from './health.ts'
import { checkTarget } from './host.ts'
import { httpCallContext } from './http-call-context.ts'
import { type MetricsOptions, metricsRoute } from './metrics.ts'
import { isMultipart } from './multipart.ts'
import { openRequest } from './request.ts'
import { securityHeaders } from './security-headers.ts'
import { type Stay, shedLoad } from './shed-load.ts'
import { straightLine } from './straight-line.ts'
import type { SurfaceOptions } from './surface-options.ts'

/** What the HTTP edge needs. */
export interface HttpAppOptions {
  readonly router: AnyTRPCRouter
  readonly runtime: ContractRuntime
  readonly healthChecks: readonly HealthCheck[]
  readonly draining: () => boolean
  /** Undefined leaves `/metrics` out. */
  readonly metrics: MetricsOptions | undefined
  /** Says when there is too much to do. */
  readonly load: LoadGuard
  readonly corsOrigins: readonly string[]
  /** The origin of the public URL. */
  readonly ownOrigin: string
  readonly allowedHosts: readonly string[] | undefined
  readonly trustedProxies: readonly string[]
  readonly maxBodyBytes: number
  readonly secureCookies: boolean
  /** What `/dev/mails` shows; undefined leaves it out. */
  readonly devMails: MailLog | undefined
  /** Shows it only to whoever is at this machine. */
  readonly devMailsHere: boolean
  /** How long a subscription stays open at most, in milliseconds. */
  readonly streamMaxAgeMs: number
  readonly downloads: Downloads
  readonly maxDownloads: number
  readonly uploadTimeoutMs: number
  readonly docsAccess: DocsAccess
  /** How often a call asked the database, in `Server-Timing`; for tests and benches only. */
  readonly showRoundTrips: boolean
}

/**
 * The edge, outermost first: what there is no time for, trace and timing (preflights have an id too), CORS, safe headers,
 * target, body cap, then the surfaces. No business rule lives here. Calls go through the same steps in a straight line.
 */
export function createHttpApp(options: HttpAppOptions): Express {
  const app = express()
  const registry = registryOf(options.router)
  const routes = restRoutes(registry)
  const surface: SurfaceOptions = {
    router: options.router,
    registry,
    runtime: options.runtime,
    cookies: { origins: [...options.corsOrigins, options.ownOrigin], secure: options.secureCookies },
    ownOrigin: options.ownOrigin,
    allowedHosts: options.allowedHosts,
    uploadTimeoutMs: options.uploadTimeoutMs,
    streamMaxAgeMs: options.streamMaxAgeMs,
  }
  const rest = restSurface(surface, routes)
  const isUpload = (req: Request): boolean => isUploadCall(options.router, req) || rest.isUpload(req)
  const stayOf = (req: Request): Stay => {
    if (isMultipart(req) && isUpload(req)) return 'none'
    return wantsLines(req) ? 'until end' : 'until head'
  }
  const gates = shedLoad(options.load, options.corsOrigins, options.runtime.logger, stayOf)
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('case sensitive routing', true)
  app.set('strict routing', true)
  app.set('query parser', 'simple')
  app.set('trust proxy', [...options.trustedProxies])

  const trpc = trpcSurface(surface)
  const open = openRequest(options.showRoundTrips)
  const cors = allowOrigins(options.corsOrigins)
  const headers = securityHeaders()
  const target = checkTarget(options.allowedHosts)
  const body = readBody(options.maxBodyBytes, {
    isUpload,
    maxBytes: options.runtime.uploads.maxFileBytes,
    timeoutMs: options.uploadTimeoutMs,
  })
  const fixed = fixedHeaders([cors, ...headers], options.corsOrigins)
  app.use(
    straightLine(
      [gates.refuseEarly, open, fixed, target, body, gates.beforeWork],
      [
        { base: '/trpc', handler: trpc },
        { base: REST_BASE, handler: rest.handler },
      ],
    ),
  )

  app.use(gates.refuseEarly)
  app.use(open)
  app.use(cors)
  app.use(headers)
  // Before the host check: probes and Prometheus call by address.
  app.use(healthRoutes(options.healthChecks, options.draining))
  if (options.metrics !== undefined) app.use(metricsRoute(options.metrics))
  app.use(target)
  if (options.devMails !== undefined) app.use(devMails(options.devMails, options))
  app.use(body)
  app.use(gates.beforeWork)
  // What has nothing below it: no procedure and no operation.
  app.use('/trpc', trpc)
  app.use(REST_BASE, rest.handler)
  app.use('/mcp', mcpSurface(surface))
  app.use(contractSurface(surface, options.docsAccess))
  app.use(docsSurface(surface, { routes, access: options.docsAccess, origin: options.ownOrigin }))
  app.use(
    '/files',
    downloadRoutes({
      runtime: options.runtime,
      downloads: options.downloads,
      maxDownloads: options.maxDownloads,
      contextOf: (req, res) => httpCallContext(surface, req, res, false),
    }),
  )
  app.use(notFound())
  app.use(lastResort(options.runtime.logger))
  return app
}
