import { registryOf } from '../../../server/src/contract/registry.ts'
import { createLoadGuard } from '../../../server/src/platform/limits/index.ts'
import { createHttpApp } from '../../../server/src/surfaces/http/create-http-app.ts'
import { createHttpServer } from '../../../server/src/surfaces/http/server.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { addPerson } from '../../support/people.ts'
import { startServer } from '../../support/server.ts'
import { collectErrors } from '../support/error-lines.ts'
import type { Target } from '../target.ts'
import { plantedInputs, plantedRouter } from './procedures.ts'

/** A server of procedures with mistakes, behind the product's own edge and pipeline. */
export async function openPlantedTarget(): Promise<{ readonly target: Target } & AsyncDisposable> {
  const errors = collectErrors()
  const base = await startServer({ overrides: { logger: errors.logger } })
  liftLimits(base)
  await base.database.pool.query(
    'CREATE TABLE planted_notes (id uuid PRIMARY KEY, title varchar(500) NOT NULL)',
  )
  const people = [await addPerson(base), await addPerson(base)] as const
  const { config, app } = base
  const http = createHttpServer(
    createHttpApp({
      router: plantedRouter,
      runtime: app.runtime,
      healthChecks: [],
      draining: () => false,
      metrics: undefined,
      load: createLoadGuard({ maxRunning: 1_000, maxLoopDelayMs: 60_000, queues: [] }),
      corsOrigins: [],
      ownOrigin: 'http://plinth.test',
      allowedHosts: undefined,
      trustedProxies: [],
      maxBodyBytes: config.maxBodyBytes,
      secureCookies: false,
      devMails: undefined,
      devMailsHere: false,
      streamMaxAgeMs: 60_000,
      downloads: app.files.downloads,
      maxDownloads: 10,
      uploadTimeoutMs: 60_000,
      docsAccess: 'off',
      showRoundTrips: false,
    }),
    { maxConnections: 200 },
  )
  const port = await http.listen(0, '127.0.0.1')
  const target: Target = {
    baseUrl: `http://127.0.0.1:${port}`,
    database: base.database,
    registry: registryOf(plantedRouter),
    errorLines: errors.lines,
    token: people[0].token,
    fixture: async ({ path }) => ({
      input: plantedInputs[path] ?? { text: 'Plain' },
      token: people[0].token,
    }),
    otherToken: () => people[1].token,
  }
  return {
    target,
    async [Symbol.asyncDispose]() {
      await http.drain(100)
      await base[Symbol.asyncDispose]()
    },
  }
}
