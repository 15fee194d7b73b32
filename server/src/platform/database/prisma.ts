import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import type { DatabaseLogger } from './database.ts'
import { lendToPrisma } from './prisma-session.ts'

/** Statements of varying length (an IN list) would otherwise fill the memory of every connection. */
const MOST_PREPARED_STATEMENTS = 500

/** Prisma over `pool`. Statements that repeat are prepared once per connection. */
export function createPrisma(pool: pg.Pool, logger: DatabaseLogger): PrismaClient {
  const warn = (error: Error): void => logger.warn('A database connection broke', { error })
  const adapter = new PrismaPg(lendToPrisma(pool), {
    statementNameGenerator: statementNames(),
    onPoolError: warn,
    onConnectionError: warn,
  })
  return new PrismaClient({ adapter, errorFormat: 'minimal' })
}

/** Gives the same text the same short name; an empty name means "do not keep". */
function statementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>()
  return ({ sql }) => {
    const known = names.get(sql)
    if (known !== undefined || names.size >= MOST_PREPARED_STATEMENTS) return known ?? ''
    const name = `prisma_${names.size}`
    names.set(sql, name)
    return name
  }
}
