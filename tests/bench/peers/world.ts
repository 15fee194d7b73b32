import { randomBytes } from 'node:crypto'
import { type BenchDatabase, createBenchDatabase } from '../support/database.ts'
import { startPlinth } from '../support/plinth.ts'
import { type Caller, makeCallers } from './population.ts'
import { seed } from './seed.ts'

/** What all servers have in common. */
export interface World {
  readonly secret: string
  readonly issuer: string
  readonly callers: readonly Caller[]
}

/** Makes the callers and a secret. */
export function createWorld(): World {
  return {
    secret: randomBytes(48).toString('base64'),
    issuer: 'http://127.0.0.1',
    callers: makeCallers(),
  }
}

/** A database with Plinth's schema and the rows of seed.ts. */
export async function createSeededDatabase({ secret, issuer }: World): Promise<BenchDatabase> {
  const database = await createBenchDatabase()
  const variables = { JWT_SECRET: secret, PUBLIC_URL: issuer }
  try {
    // It migrates when it starts.
    await (await startPlinth({ databaseUrl: database.url, variables }))[Symbol.asyncDispose]()
    await seed(database.client, secret)
    return database
  } catch (error) {
    await database[Symbol.asyncDispose]()
    throw error
  }
}
