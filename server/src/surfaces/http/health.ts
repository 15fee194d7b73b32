import { type RequestHandler, Router } from 'express'

/** One part the server depends on. */
export interface HealthCheck {
  readonly name: string
  /** Without it no call can be answered; the others only degrade. */
  readonly critical: boolean
  /** Resolves when the part works; must settle within a second or two. */
  run(): Promise<void>
}

interface Report {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  readonly checks: Record<string, 'healthy' | 'unhealthy'>
}

/** How long an answer stands, so that asking costs the database no more than one statement a second. */
const FRESH_MS = 1_000

/**
 * `/livez`: the process runs. `/readyz`: it can take calls (503 while draining or without its database).
 * `/api/health`: each part.
 */
export function healthRoutes(checks: readonly HealthCheck[], draining: () => boolean): Router {
  const routes = Router({ caseSensitive: true, strict: true })
  let latest: Promise<CheckResult[]> | undefined
  const results = (): Promise<CheckResult[]> => {
    if (latest === undefined) {
      latest = runChecks(checks)
      setTimeout(() => {
        latest = undefined
      }, FRESH_MS).unref()
    }
    return latest
  }
  const report = (answer: (report: Report) => { status: number; body: object }): RequestHandler => {
    return async (_req, res) => {
      const { status, body } = answer(reportOf(await results(), draining()))
      res.status(status).json(body)
    }
  }
  routes.get('/livez', (_req, res) => void res.json({ status: 'healthy' }))
  routes.get('/readyz', (_req, res, next) => {
    // Who drains must not wait for a slow database before saying so.
    if (draining()) res.status(503).json({ status: 'unhealthy' })
    else next()
  })
  routes.get(
    '/readyz',
    report(({ status }) => ({ status: status === 'unhealthy' ? 503 : 200, body: { status } })),
  )
  routes.get(
    '/api/health',
    report((full) => ({ status: full.status === 'unhealthy' ? 503 : 200, body: full })),
  )
  return routes
}

interface CheckResult {
  readonly check: HealthCheck
  readonly ok: boolean
}

function runChecks(checks: readonly HealthCheck[]): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const ok = await check.run().then(
        () => true,
        () => false,
      )
      return { check, ok }
    }),
  )
}

function reportOf(results: readonly CheckResult[], draining: boolean): Report {
  const down = results.filter(({ ok }) => !ok)
  const unhealthy = draining || down.some(({ check }) => check.critical)
  return {
    status: unhealthy ? 'unhealthy' : down.length > 0 ? 'degraded' : 'healthy',
    checks: Object.fromEntries(results.map(({ check, ok }) => [check.name, ok ? 'healthy' : 'unhealthy'])),
  }
}
