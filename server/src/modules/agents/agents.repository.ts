import type { Db, Prisma } from '../../platform/database/index.ts'

const select = {
  id: true,
  name: true,
  instructions: true,
  modelId: true,
  tools: true,
  approve: true,
  maxSteps: true,
  maxSeconds: true,
  maxCost: true,
  version: true,
  createdAt: true,
  updatedAt: true,
} as const satisfies Prisma.AgentSelect

/** An agent's columns, as they are read. */
export type AgentRow = Prisma.AgentGetPayload<{ select: typeof select }>

/** What a user says of an agent. */
export type AgentData = Pick<
  Prisma.AgentUncheckedCreateInput,
  'name' | 'instructions' | 'modelId' | 'approve' | 'maxSteps' | 'maxSeconds' | 'maxCost'
> & { readonly tools: string[] }

/** Which part of a list that is newest first: what follows an id, or rows counted from the start. */
export interface Part {
  readonly take: number
  readonly skip: number
  readonly after: string | undefined
}

/** The agent `id` of `ownerId`. */
export async function findAgent(db: Db, ownerId: string, id: string): Promise<AgentRow | null> {
  return await db.agent.findFirst({ where: { id, ownerId }, select })
}

/** The same, held until the transaction ends. */
export async function lockAgent(db: Db, ownerId: string, id: string): Promise<AgentRow | null> {
  await db.$queryRaw`SELECT id FROM agents WHERE id = ${id}::uuid AND owner_id = ${ownerId}::uuid FOR UPDATE`
  return await findAgent(db, ownerId, id)
}

/** Agents of `ownerId`, newest first: their ids begin with the time. */
export async function listAgents(db: Db, ownerId: string, { take, skip, after }: Part): Promise<AgentRow[]> {
  const place = after === undefined ? {} : { id: { lt: after } }
  return await db.agent.findMany({
    where: { AND: [{ ownerId }, place] },
    orderBy: { id: 'desc' },
    take,
    skip,
    select,
  })
}

/** How many agents somebody has. */
export async function countAgents(db: Db, ownerId: string): Promise<number> {
  return await db.agent.count({ where: { ownerId } })
}

/** Holds the owner's row until the transaction ends, so that agents of one user are made one after the other. */
export async function lockOwner(db: Db, userId: string): Promise<void> {
  await db.$queryRaw`SELECT id FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
}

/** Stores an agent. */
export async function insertAgent(
  db: Db,
  agent: AgentData & { readonly id: string; readonly ownerId: string; readonly createdAt: Date },
): Promise<AgentRow> {
  return await db.agent.create({ data: { ...agent, updatedAt: agent.createdAt }, select })
}

/** Changes an agent and counts its version. */
export async function updateAgent(
  db: Db,
  id: string,
  data: Partial<AgentData> & { readonly updatedAt: Date },
): Promise<AgentRow> {
  return await db.agent.update({ where: { id }, data: { ...data, version: { increment: 1 } }, select })
}

/** Deletes an agent with its runs; false when there is none. */
export async function deleteAgent(db: Db, ownerId: string, id: string): Promise<boolean> {
  const { count } = await db.agent.deleteMany({ where: { id, ownerId } })
  return count === 1
}
