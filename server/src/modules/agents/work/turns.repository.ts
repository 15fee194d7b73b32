import type { Db, Prisma } from '../../../platform/database/index.ts'

const call = {
  id: true,
  step: true,
  tool: true,
  input: true,
  state: true,
  result: true,
} as const satisfies Prisma.AgentCallSelect

/** A call as its run's work needs it. */
export type CallRow = Prisma.AgentCallGetPayload<{ select: typeof call }>

/** A step with its calls, in order. */
export interface Turn {
  readonly step: number
  readonly text: string
  readonly usageId: string | null
  /** False while the model speaks, and when the process that listened died. */
  readonly finished: boolean
  readonly calls: readonly CallRow[]
}

/** All steps of a run, in order. */
export async function findTurns(db: Db, runId: string): Promise<Turn[]> {
  const [steps, rows] = await Promise.all([
    db.agentStep.findMany({ where: { runId }, orderBy: { position: 'asc' } }),
    db.agentCall.findMany({
      where: { runId },
      select: call,
      orderBy: [{ step: 'asc' }, { position: 'asc' }],
    }),
  ])
  const calls = Map.groupBy(rows, ({ step }) => step)
  return steps.map(({ position, text, usageId, finishedAt }) => ({
    step: position,
    text,
    usageId,
    finished: finishedAt !== null,
    calls: calls.get(position) ?? [],
  }))
}
