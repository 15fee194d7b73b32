import { defineConfig } from 'prisma/config'
import { provideSchemaEngine } from './server/src/platform/database/schema-engine/locate.ts'

provideSchemaEngine(process.env)

const url = process.env.DATABASE_URL

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations', seed: 'node server/src/commands/seed.ts' },
  ...(url === undefined ? {} : { datasource: { url } }),
})
