import type { Actor } from '../../../contract/actor.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import { ACTORS_TOPIC } from '../../accounts/index.ts'
import { RUNS_TOPIC } from '../runs/run-topics.ts'
import { type HeldRun, RunLost } from './held-run.ts'
import { credentialEnded, timeIsUp } from './run-over.ts'

/** Cancelling and locking out work within this time also where messages between processes get lost. */
const LOOK_EVERY_MS = 1_000

/** What watching needs. */
export interface WatchParts {
  readonly database: Database
  readonly bus: Pick<Bus, 'subscribe'>
  /** The user with the rights of now; null when they have none any more. */
  readonly actorOf: () => Promise<Actor | null>
}

/** What a run's work listens to. */
export interface RunWatch {
  /** Aborts with `RunLost` or `RunOver` as its reason, or with the job's. */
  readonly signal: AbortSignal
  stop(): void
}

/**
 * Looks after a run while an attempt works on it: aborts when it was cancelled or deleted, when its user lost their
 * rights, and when its time is up.
 */
export function watchRun(
  { database, bus, actorOf }: WatchParts,
  { run, workedMs }: HeldRun,
  limits: { readonly maxSeconds: number; readonly signal: AbortSignal },
): RunWatch {
  const own = new AbortController()
  const { maxSeconds } = limits
  let looking = false

  const look = async (): Promise<void> => {
    if (looking || own.signal.aborted) return
    looking = true
    try {
      const row = await database.prisma.agentRun.findUnique({
        where: { id: run.id },
        select: { state: true, jobId: true },
      })
      if (row?.state !== 'running' || row.jobId !== run.jobId) own.abort(new RunLost())
      else if ((await actorOf()) === null) own.abort(credentialEnded())
    } catch {
      // What cannot be asked now is asked again in a second; nothing is written meanwhile that is not fenced.
    } finally {
      looking = false
    }
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_MS)
  const left = Math.max(0, maxSeconds * 1_000 - workedMs())
  const clock = setTimeout(() => own.abort(timeIsUp(maxSeconds)), left)
  const unsubscribes = [RUNS_TOPIC, ACTORS_TOPIC].map((topic) =>
    bus.subscribe(topic, (userId) => {
      if (userId === run.userId) void look()
    }),
  )
  return {
    signal: AbortSignal.any([limits.signal, own.signal]),
    stop() {
      clearInterval(timer)
      clearTimeout(clock)
      for (const unsubscribe of unsubscribes) unsubscribe()
    },
  }
}
