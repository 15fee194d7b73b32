import { randomBytes } from 'node:crypto'
import {
  type Database,
  DatabaseError,
  type NamedQuery,
  query,
  queryIn,
  type Tx,
  transaction,
} from '../../server/src/platform/database/index.ts'
import { DEMO_AGENT, DEMO_PROJECTS, DEMO_USERS, type DemoEmail } from './demo-content.ts'

/** Any number; keeps two processes that start at once from both seeding. */
const LOCK = 20_261_122
const DAY_MS = 86_400_000

export interface SeedOptions {
  readonly environment: 'development' | 'test' | 'production'
  /** What is stored for a password. */
  readonly hashPassword: (password: string) => Promise<string>
}

/** The demo accounts and the password they all have: made for this database, kept nowhere, so show it. */
export interface SeededDemo {
  readonly emails: readonly string[]
  readonly password: string
}

/**
 * Puts a small demo into a database: users, projects, tasks, an agent. Null when there is something in it already (a
 * project, or an account of the demo), so that it can run at every start.
 * @throws DatabaseError in production
 */
export async function seedDemo(database: Database, options: SeedOptions): Promise<SeededDemo | null> {
  const seed = await planDemo(database, options)
  return await seed()
}

/**
 * {@link seedDemo} in two steps: looks now whether there is room for the demo, and gives what puts it there later. A start
 * looks before its jobs begin, behind whose statements an embedded database would have it wait, and seeds when nothing
 * else can fail: the password is only told at its end.
 */
export async function planDemo(
  database: Database,
  options: SeedOptions,
): Promise<() => Promise<SeededDemo | null>> {
  if (options.environment === 'production') {
    throw new DatabaseError('The demo is not for production (NODE_ENV=production); nothing was changed.')
  }
  if (isOccupied(await query<Occupied>(database, LOOK))) return async () => null
  return async () => {
    const password = randomBytes(12).toString('base64url')
    const passwordHash = await options.hashPassword(password)
    const seeded = await transaction(database, async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK})`
      if (isOccupied(await queryIn<Occupied>(tx, LOOK))) return false
      await insertDemo(tx, passwordHash, new Date())
      return true
    })
    return seeded ? { emails: DEMO_USERS.map((user) => user.email), password } : null
  }
}

interface Occupied {
  readonly occupied: boolean
}

/** Made at every start, hence past Prisma: its first question costs a start 0.1 s of a processor. */
const LOOK: NamedQuery = {
  name: 'demo.occupied',
  text: `SELECT EXISTS (SELECT FROM projects) OR EXISTS (SELECT FROM users WHERE email = ANY ($1::text[])) AS occupied`,
  values: [DEMO_USERS.map((user) => user.email)],
}

function isOccupied([row]: readonly Occupied[]): boolean {
  return row?.occupied ?? true
}

async function insertDemo(tx: Tx, passwordHash: string, now: Date): Promise<void> {
  const users = await tx.user.createManyAndReturn({
    data: DEMO_USERS.map((user) => ({ ...user, passwordHash, emailVerifiedAt: now })),
    select: { id: true, email: true },
  })
  const idOf = (email: DemoEmail | undefined): string | null =>
    users.find((user) => user.email === email)?.id ?? null

  const agentOwner = idOf(DEMO_USERS[0].email)
  if (agentOwner !== null) {
    await tx.agent.create({ data: { ...DEMO_AGENT, tools: [...DEMO_AGENT.tools], ownerId: agentOwner } })
  }

  for (const { members, tasks, ...project } of DEMO_PROJECTS) {
    const roles = DEMO_USERS.flatMap(({ email }) => {
      const role = members[email]
      const userId = idOf(email)
      return role === undefined || userId === null ? [] : [{ userId, role }]
    })
    const owner = roles.find((member) => member.role === 'owner')?.userId ?? null
    const { id } = await tx.project.create({
      data: { ...project, createdById: owner, members: { create: roles } },
      select: { id: true },
    })
    await tx.task.createMany({
      data: tasks.map(({ assignee, dueInDays, ...task }, index) => {
        // Made one an hour, the first one longest ago, so that the order of lists is one a person would expect.
        const createdAt = new Date(now.getTime() - (tasks.length - index) * 3_600_000)
        const dueAt = dueInDays === undefined ? null : new Date(now.getTime() + dueInDays * DAY_MS)
        return { ...task, projectId: id, assigneeId: idOf(assignee), createdById: owner, createdAt, dueAt }
      }),
    })
  }
}
