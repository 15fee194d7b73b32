import { defineConfig } from 'prisma/config'
import { runningEmbeddedUrl } from './server/src/platform/database/embedded/owner.ts'
import { provideSchemaEngine } from './server/src/platform/database/schema-engine/locate.ts'

try {
  process.loadEnvFile()
} catch {
  // There is no .env; the environment is enough.
}
provideSchemaEngine(process.env)
// Prisma would ask its makers for news at every command.
process.env.CHECKPOINT_DISABLE ??= '1'

const url = process.env.DATABASE_URL || runningEmbeddedUrl(process.env.PLINTH_DATA || '.plinth')

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations', seed: 'node server/src/commands/seed.ts' },
  ...(url === undefined ? {} : { datasource: { url } }),
})
