import { drizzle } from 'drizzle-orm/node-postgres'
import * as schema from './schema.ts'

/** One client for the process, as Drizzle's guides set it up. */
export const db = drizzle(process.env.DATABASE_URL ?? '', { schema })
