import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../../../server/generated/prisma/client.ts'

/** One client for the process, as Prisma's guides set it up. */
export const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL ?? '' }),
})
