import type { Actor } from '../../contract/actor.ts'
import { roleAtLeast } from '../../contract/policy.ts'
import type { Db, Prisma } from '../../platform/database/index.ts'
import type { Job } from './jobs.schema.ts'

const select = {
  id: true,
  name: true,
  ownerId: true,
  state: true,
  attempt: true,
  progressCurrent: true,
  progressTotal: true,
  result: true,
  error: true,
  revision: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
} as const satisfies Prisma.JobSelect

/** A job's columns, as they are read. */
export type JobRow = Prisma.JobGetPayload<{ select: typeof select }>

/** Which jobs. */
export interface JobFilter {
  readonly state?: Job['state'] | undefined
  readonly name?: string | undefined
  readonly ownerId?: string | undefined
}

/** Which part of the list: what follows an id, or rows counted from the start. */
export interface JobSlice {
  readonly take: number
  readonly skip: number
  readonly after: string | undefined
}

/** The job `id`, if `actor` may see it. */
export async function findJob(db: Db, actor: Actor, id: string): Promise<JobRow | null> {
  return await db.job.findFirst({ where: { id, ...seenBy(actor) }, select })
}

/** Jobs that `actor` may see, newest first: their ids begin with the time. */
export async function listJobs(db: Db, actor: Actor, filter: JobFilter, slice: JobSlice): Promise<JobRow[]> {
  const { take, skip, after } = slice
  const place = after === undefined ? {} : { id: { lt: after } }
  return await db.job.findMany({
    where: { AND: [where(actor, filter), place] },
    orderBy: { id: 'desc' },
    take,
    skip,
    select,
  })
}

/** How many there are. */
export async function countJobs(db: Db, actor: Actor, filter: JobFilter): Promise<number> {
  return await db.job.count({ where: where(actor, filter) })
}

function where(actor: Actor, { state, name, ownerId }: JobFilter): Prisma.JobWhereInput {
  return {
    AND: [
      seenBy(actor),
      state === undefined ? {} : { state },
      name === undefined ? {} : { name },
      ownerId === undefined ? {} : { ownerId },
    ],
  }
}

/** Their own; for admins all, the system's too. */
function seenBy(actor: Actor): Prisma.JobWhereInput {
  return roleAtLeast(actor.role, 'admin') ? {} : { ownerId: actor.userId }
}
