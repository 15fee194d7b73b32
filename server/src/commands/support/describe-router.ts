import type { AnyTRPCRouter } from '@trpc/server'
import { createApplication } from '../../app.ts'
import { loadConfig } from '../../config/index.ts'

/**
 * The app router for programs that read its procedures and never call one: built as the server builds it, without a
 * database and without anything of the environment, so that it is the same on every machine.
 */
export async function describeRouter(): Promise<AnyTRPCRouter> {
  const config = loadConfig({
    NODE_ENV: 'test',
    JWT_SECRET: 'described-only-never-signed-with',
    LOG_LEVEL: 'silent',
  })
  const application = createApplication(config, absent('database'))
  await application.close()
  return application.router
}

/** Stands for something that may be passed on and kept, but not used. */
function absent<T extends object>(name: string): T
function absent(name: string): object {
  return new Proxy(() => undefined, {
    get: (_target, key) => absent(`${name}.${String(key)}`),
    apply() {
      throw new Error(`${name} was called, but a description has no database`)
    },
  })
}
