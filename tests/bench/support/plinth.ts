import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { serverEnvironment } from '../../../scripts/lib/server-environment.mjs'
import { REPOSITORY } from './paths.ts'
import { type ServerProcess, startProcess } from './server-process.ts'

/** How a bench changes the server's settings. */
export interface PlinthOptions {
  /** Undefined for the embedded database. */
  readonly databaseUrl: string | undefined
  readonly variables?: Readonly<Record<string, string>>
  /** Loaded before the server; may answer messages. */
  readonly preload?: string
  /** Arguments for Node; the server gets a channel to the bench. */
  readonly nodeArgs?: readonly string[]
}

/**
 * The server as `npm start` runs it when deployed: production, JSON log, limits, revocation. Callers give their address in
 * `X-Forwarded-For`, as behind a proxy, so that one machine can stand for many.
 */
export function startPlinth({
  databaseUrl,
  variables,
  preload,
  nodeArgs,
}: PlinthOptions): Promise<ServerProcess> {
  return startProcess({
    args: [
      ...(nodeArgs ?? []),
      ...(preload === undefined ? [] : ['--import', preload]),
      path.join(REPOSITORY, 'server/src/main.ts'),
    ],
    env: {
      ...serverEnvironment({}),
      NODE_ENV: 'production',
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      PUBLIC_URL: 'http://localhost:4000',
      JWT_SECRET: randomBytes(48).toString('base64'),
      TRUSTED_PROXIES: '127.0.0.1',
      PLINTH_DATA: 'data',
      DRAIN_DELAY_MS: '0',
      ...variables,
    },
    readyPath: '/readyz',
    ipc: preload !== undefined || nodeArgs !== undefined,
  })
}
