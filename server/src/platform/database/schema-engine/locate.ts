import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const STAND_IN = fileURLToPath(new URL('./engine.ts', import.meta.url))

/**
 * Lets the `prisma` command work where its schema engine (a native program it downloads from outside the npm
 * registry) cannot be had: names our stand-in unless the user chose an engine or the real one is installed.
 * Changes `environment` in place; call it before Prisma looks for the engine, that is in `prisma.config.ts`.
 */
export function provideSchemaEngine(environment: NodeJS.ProcessEnv): void {
  if (environment.PRISMA_SCHEMA_ENGINE_BINARY !== undefined || realEngineInstalled()) return
  // A copy of the repository made without file modes (a zip) loses the executable bit.
  chmodSync(STAND_IN, 0o755)
  environment.PRISMA_SCHEMA_ENGINE_BINARY = STAND_IN
  // The stand-in starts by `#!/usr/bin/env node` and needs the Node that runs this, which strips types.
  environment.PATH = [dirname(process.execPath), environment.PATH].filter(Boolean).join(delimiter)
}

function realEngineInstalled(): boolean {
  try {
    const prisma = createRequire(import.meta.url).resolve('prisma/package.json')
    const engines = dirname(createRequire(prisma).resolve('@prisma/engines/package.json'))
    return existsSync(join(engines)) && readdirSync(engines).some((file) => file.startsWith('schema-engine-'))
  } catch {
    return false
  }
}
