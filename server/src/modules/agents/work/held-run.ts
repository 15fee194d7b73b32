import { announceChange, type CollectedChange, collectChange, writeChange } from '../../../contract/change.ts'
import type { Change } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import { type Database, type Prisma, transaction, whenInDoubt } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import type { JobQueue } from '../../../platform/jobs/job-queue.ts'
import { endRun, type RunEnd } from '../runs/end-run.ts'

/** The run is another attempt's now, has ended, or is gone: nothing may be written. */
export class RunLost extends Error {
  override readonly name = 'RunLost'
}

/** The run as the attempt that holds it read it. */
export type TakenRun = Prisma.AgentRunGetPayload<{ select: typeof taken }>

const taken = {
  id: true,
  userId: true,
  threadId: true,
  input: true,
  settings: true,
  delegation: true,
  jobId: true,
  traceId: true,
  workedMs: true,
  createdAt: true,
} as const satisfies Prisma.AgentRunSelect

/** A run that this attempt works on. */
export interface HeldRun {
  readonly run: TakenRun
  /** Milliseconds worked so far, in all attempts. */
  workedMs(): number
  /**
   * One transaction, with its events: written only while the run is this attempt's and has not ended.
   * @throws RunLost
   */
  commit<T>(work: (change: Change) => Promise<T>): Promise<T>
  /** Ends the run; `also` belongs to the same transaction. @throws RunLost */
  end(end: RunEnd, also?: (change: Change) => Promise<void>): Promise<void>
}

/** What holding a run needs. */
export interface HoldParts {
  readonly database: Database
  readonly bus: Bus
  readonly clock: Clock
  /** Late, as the queue is made after what works for it. */
  readonly jobs: () => JobQueue
}

/**
 * Takes the run for one attempt of its job: from then on every older attempt's writes are refused. Null when there is
 * nothing to do: it ended, waits for a person, or is a newer attempt's.
 */
export async function holdRun(
  parts: HoldParts,
  which: { readonly runId: string; readonly jobId: string; readonly attempt: number },
): Promise<HeldRun | null> {
  const { database, bus, clock, jobs } = parts
  const { runId, jobId, attempt } = which
  const begun = await database.prisma.$executeRaw`
    UPDATE agent_runs SET state = 'running', attempt = ${attempt}, started_at = coalesce(started_at, now())
    WHERE id = ${runId}::uuid AND job_id = ${jobId}::uuid AND state IN ('queued', 'running') AND attempt < ${attempt}`
  if (begun === 0) return null
  const run = await database.prisma.agentRun.findUnique({ where: { id: runId }, select: taken })
  if (run === null) return null
  const since = performance.now()
  const workedMs = (): number => Math.round(run.workedMs + performance.now() - since)

  async function commit<T>(work: (change: Change) => Promise<T>): Promise<T> {
    let attempted: CollectedChange | undefined
    const { change, answer } = await transaction(database, async (db) => {
      const held = await db.$executeRaw`
        UPDATE agent_runs SET worked_ms = ${workedMs()}
        WHERE id = ${runId}::uuid AND job_id = ${jobId}::uuid AND attempt = ${attempt} AND state = 'running'`
      if (held === 0) throw new RunLost()
      const collected = collectChange(db)
      attempted = collected
      const value = await work(collected)
      const request = {
        traceId: run?.traceId ?? '',
        surface: 'job' as const,
        ip: undefined,
        userAgent: undefined,
        roundTrips: 0,
      }
      // The calls that began the run, and every call of a tool, have audit rows of their own.
      await writeChange({ bus, jobs: jobs() }, collected, { actor: null, action: 'agents.run', request })
      return { change: collected, answer: value }
    }).catch(
      whenInDoubt(() => {
        if (attempted !== undefined) announceChange({ bus, jobs: jobs() }, attempted)
      }),
    )
    announceChange({ bus, jobs: jobs() }, change)
    return answer
  }

  return {
    run,
    workedMs,
    commit,
    end: (end, also) =>
      commit(async (change) => {
        await also?.(change)
        await endRun(change, runId, end, clock.now())
      }),
  }
}

/** How the run stands, for an attempt that could not take it. */
export async function stateOf(
  { database }: Pick<HoldParts, 'database'>,
  runId: string,
): Promise<'waiting' | 'succeeded' | 'failed' | 'cancelled' | undefined> {
  const run = await database.prisma.agentRun.findUnique({ where: { id: runId }, select: { state: true } })
  if (run === null) return 'cancelled'
  return run.state === 'queued' || run.state === 'running' ? undefined : run.state
}
