import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { runTool } from './run-tool.ts'

/** Runs Prisma's command line at the top of the repository, with this terminal, and returns its exit code. */
export async function runPrisma(args: readonly string[], databaseUrl?: string): Promise<number> {
  const prisma = dirname(createRequire(import.meta.url).resolve('prisma/package.json'))
  const variables = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }
  return await runTool(join(prisma, 'build/index.js'), args, variables)
}
