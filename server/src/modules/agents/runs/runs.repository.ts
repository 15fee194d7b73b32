import { type Database, type Db, Prisma, query } from '../../../platform/database/index.ts'
import type { Part } from '../agents.repository.ts'

const summary = {
  id: true,
  agentId: true,
  userId: true,
  threadId: true,
  jobId: true,
  state: true,
  input: true,
  result: true,
  errorCode: true,
  error: true,
  steps: true,
  inputTokens: true,
  outputTokens: true,
  cost: true,
  workedMs: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
} as const satisfies Prisma.AgentRunSelect

/** A run's columns, as lists need them. */
export type RunRow = Prisma.AgentRunGetPayload<{ select: typeof summary }>
/** A run with its steps that the model ended, and its calls, in order. */
export type WholeRunRow = RunRow & {
  readonly turns: readonly Pick<AgentStep, 'position' | 'text'>[]
  readonly calls: readonly Pick<AgentCall, 'id' | 'step' | 'tool' | 'input' | 'state' | 'result'>[]
}
type AgentStep = Prisma.AgentStepGetPayload<object>
type AgentCall = Prisma.AgentCallGetPayload<object>

/** Which runs. */
export interface RunFilter {
  readonly userId: string
  readonly agentId?: string | undefined
  readonly state?: RunRow['state'] | undefined
}

const WHOLE = `
  SELECT r.id, r.agent_id AS "agentId", r.user_id AS "userId", r.thread_id AS "threadId", r.job_id AS "jobId",
    r.state::text AS state, r.input, r.result, r.error_code AS "errorCode", r.error, r.steps,
    r.input_tokens AS "inputTokens", r.output_tokens AS "outputTokens", r.cost::text AS cost, r.worked_ms AS "workedMs",
    r.created_at AS "createdAt", r.started_at AS "startedAt", r.finished_at AS "finishedAt",
    (SELECT coalesce(jsonb_agg(jsonb_build_object('position', s.position, 'text', s.text) ORDER BY s.position), '[]')
      FROM agent_steps s WHERE s.run_id = r.id AND s.finished_at IS NOT NULL) AS turns,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'step', c.step, 'tool', c.tool, 'input', c.input,
        'state', c.state, 'result', c.result) ORDER BY c.step, c.position), '[]')
      FROM agent_calls c WHERE c.run_id = r.id) AS calls
  FROM agent_runs r WHERE r.id = $1::uuid AND r.user_id = $2::uuid`

/** The run `id` of `userId`, with its steps. One round trip. */
export async function findRun(
  database: Pick<Database, 'pool'>,
  userId: string,
  id: string,
): Promise<WholeRunRow | null> {
  type Row = Omit<WholeRunRow, 'cost'> & { readonly cost: string }
  const [row] = await query<Row>(database, { name: 'agents.run', text: WHOLE, values: [id, userId] })
  return row === undefined ? null : { ...row, cost: new Prisma.Decimal(row.cost) }
}

/** The run `id` of `userId`, held until the transaction ends. */
export async function lockRun(db: Db, userId: string, id: string): Promise<RunRow | null> {
  await db.$queryRaw`SELECT id FROM agent_runs WHERE id = ${id}::uuid AND user_id = ${userId}::uuid FOR UPDATE`
  return await db.agentRun.findFirst({ where: { id, userId }, select: summary })
}

/** Runs, newest first: their ids begin with the time. */
export async function listRuns(db: Db, filter: RunFilter, { take, skip, after }: Part): Promise<RunRow[]> {
  const place = after === undefined ? {} : { id: { lt: after } }
  return await db.agentRun.findMany({
    where: { AND: [where(filter), place] },
    orderBy: { id: 'desc' },
    take,
    skip,
    select: summary,
  })
}

/** How many there are. */
export async function countRuns(db: Db, filter: RunFilter): Promise<number> {
  return await db.agentRun.count({ where: where(filter) })
}

function where({ userId, agentId, state }: RunFilter): Prisma.AgentRunWhereInput {
  return {
    userId,
    ...(agentId === undefined ? {} : { agentId }),
    ...(state === undefined ? {} : { state }),
  }
}

/** How many runs of `userId` are queued or running. */
export async function countUnderWay(db: Db, userId: string): Promise<number> {
  return await db.agentRun.count({ where: { userId, state: { in: ['queued', 'running'] } } })
}

/** Stores a run. */
export async function insertRun(db: Db, run: Prisma.AgentRunUncheckedCreateInput): Promise<void> {
  await db.agentRun.create({ data: run, select: { id: true } })
}

/** Changes a run. */
export async function updateRun(
  db: Db,
  id: string,
  data: Prisma.AgentRunUncheckedUpdateInput,
): Promise<RunRow> {
  return await db.agentRun.update({ where: { id }, data, select: summary })
}

/** A call of a run, if it waits for a person. */
export async function findWaitingCall(
  db: Db,
  runId: string,
  callId: string,
): Promise<{ readonly step: number; readonly tool: string } | null> {
  return await db.agentCall.findFirst({
    where: { id: callId, runId, state: 'waiting' },
    select: { step: true, tool: true },
  })
}

/** Whether a run has this call at all. */
export async function hasCall(db: Db, runId: string, callId: string): Promise<boolean> {
  return (await db.agentCall.count({ where: { id: callId, runId } })) === 1
}

/** How many calls of a run wait for a person. */
export async function countWaiting(db: Db, runId: string): Promise<number> {
  return await db.agentCall.count({ where: { runId, state: 'waiting' } })
}

/** Decides calls of a run that wait for a person: the one named, or all. */
export async function decideCalls(
  db: Db,
  which: { readonly runId: string; readonly callId?: string },
  decision: Pick<Prisma.AgentCallUncheckedUpdateManyInput, 'state' | 'decidedById' | 'decidedAt' | 'result'>,
): Promise<void> {
  const { runId, callId } = which
  await db.agentCall.updateMany({
    where: { runId, state: 'waiting', ...(callId === undefined ? {} : { id: callId }) },
    data: decision,
  })
}
