import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database, Prisma, Tx } from '../database/index.ts'
import type { Bus } from '../events/bus.ts'
import type { Logger } from '../logger.ts'
import { runInContext } from '../request-context.ts'
import type { Span } from '../telemetry/index.ts'
import { type Attempt, createAttempt } from './attempt.ts'
import { createBoss } from './boss.ts'
import { claimJobs, readyQueues } from './claim.ts'
import { type ClaimedJob, JobLostError, type PerformJob } from './claimed-job.ts'
import { enqueueJobs } from './enqueue.ts'
import { createHeartbeats } from './heartbeats.ts'
import { createJobControl, type JobControl } from './job-control.ts'
import type { JobDefinition } from './job-definition.ts'
import { JOBS_TOPIC, type JobQueue } from './job-queue.ts'
import { CANCEL_TOPIC, relayJobChanges } from './job-stream.ts'
import { jobSpan, observeJob } from './job-telemetry.ts'
import { noteLeftBehind } from './left-behind.ts'
import { createProgressWriter } from './progress-writer.ts'
import { createQueueWorker, type QueueWorker } from './queue-worker.ts'
import { prepareQueues } from './queues.ts'
import { DUE_QUEUE, prepareSchedules, queueDueJobs } from './schedules.ts'
import { succeed } from './settle.ts'
import { createSettler } from './settler.ts'

/** What {@link createJobEngine} needs. */
export interface JobEngineParts {
  readonly database: Database
  readonly bus: Bus
  readonly logger: Logger
  readonly definitions: readonly JobDefinition[]
  /** Whether this process does jobs, or only queues them. */
  readonly works: boolean
  /** Whether jobs begin by their schedules. */
  readonly schedules: boolean
}

/** The job queue of a process: takes jobs, and in workers does them. */
export interface JobEngine extends JobQueue {
  readonly control: JobControl
  /** Brings the queues up to date and begins to work. */
  start(perform: PerformJob): Promise<void>
  /** Fetches no more jobs; those under way go on. */
  pause(): void
  /** Waits for the jobs under way until `graceMs` after {@link pause}, and sends the rest back to be run elsewhere. */
  drain(graceMs: number): Promise<void>
  /** Drains and ends; nothing can be queued any more. */
  stop(graceMs: number): Promise<void>
  /** @throws Error when the queue cannot be reached or is not started */
  check(): Promise<void>
}

/** The backstop for lost wake-ups, and what finds retries and jobs for later: one statement for all queues. */
const LOOK_EVERY_MS = 1_000

/** A database that is slow to take results must not be given more jobs. */
const MOST_UNWRITTEN = 100
/** Every five seconds. */
const TIDY_EVERY_LOOKS = 5

const outsideRequests = AsyncLocalStorage.snapshot()

/** Builds the engine; it does nothing before `start`. */
export function createJobEngine(parts: JobEngineParts): JobEngine {
  const { database, bus, logger, definitions, works } = parts
  const boss = createBoss(database, logger, parts)
  const settler = createSettler(boss, database, bus)
  const progress = createProgressWriter(database, bus, logger)
  const schedules = { boss, database, bus, logger, definitions }
  const attempts = new Set<Attempt>()
  const heartbeats = createHeartbeats(boss, attempts, logger)
  const workers = new Map<string, QueueWorker>()
  const stops: (() => void)[] = []
  const idle = new Set<() => void>()
  let state: 'new' | 'started' | 'stopped' = 'new'
  let pausedAt: number | undefined
  /** The look for waiting jobs that is under way. */
  let looking: Promise<void> | undefined

  const complete = async (tx: Tx, { job, progress: newest }: Attempt, result: Prisma.InputJsonValue) => {
    const { id, retryCount, definition } = job
    const success = { queue: definition.name, id, retryCount, result, progress: newest() }
    if (!(await succeed(tx, success))) throw new JobLostError(id)
  }

  const run = async (job: ClaimedJob, perform: PerformJob, span: Span, done: () => void): Promise<void> => {
    const attempt: Attempt = createAttempt(job, {
      complete: (tx, result) => complete(tx, attempt, result),
      onProgress: () => progress.note(attempt),
    })
    const started = performance.now()
    const line = { job: job.definition.name, id: job.id, attempt: job.attempt, traceId: job.traceId }
    attempts.add(attempt)
    try {
      const end = await attempt.run(perform)
      progress.forget(attempt)
      // The next jobs are fetched while this one is written down, together with those that end meanwhile.
      if (attempts.size < MOST_UNWRITTEN) done()
      const held = await settler.settle(job, end, attempt.progress())
      const outcome = held ? end.kind : 'lost'
      const ms = performance.now() - started
      observeJob(job, span, outcome, ms)
      const fields = { ...line, outcome, durationMs: Math.round(ms) }
      if (end.kind === 'broke' || end.kind === 'refused')
        logger.warn('job failed', { ...fields, reason: end.error, error: end.cause })
      else logger.info('job', fields)
    } catch (error) {
      logger.error('how a job ended cannot be written; it will run again', { ...line, error })
    } finally {
      attempts.delete(attempt)
      if (attempts.size === 0) for (const tell of [...idle]) tell()
    }
  }

  const work = (perform: PerformJob): void => {
    for (const definition of definitions) {
      const worker = createQueueWorker({
        definition,
        claim: (wanted, count) => claimJobs({ boss, database, logger }, wanted, count),
        run: (job, done) => {
          const context = {
            traceId: job.traceId,
            surface: 'job',
            ip: undefined,
            userAgent: undefined,
          } as const
          return runInContext({ ...context, roundTrips: 0 }, () =>
            jobSpan(job, (span) => run(job, perform, span, done)),
          )
        },
        failed: (error) => logger.warn('jobs cannot be fetched', { job: definition.name, error }),
      })
      workers.set(definition.name, worker)
    }
    const wake = (queue: string): void => outsideRequests(() => workers.get(queue)?.wake())
    const look = async (): Promise<void> => {
      for (const queue of await readyQueues(database, [...workers.keys(), DUE_QUEUE])) {
        if (queue === DUE_QUEUE) await queueDueJobs(schedules)
        else wake(queue)
      }
      looks += 1
      if (looks % TIDY_EVERY_LOOKS === 0) {
        await noteLeftBehind(database, bus, window)
        window = '1 hour'
      }
    }
    let looks = 0
    // The first time also what happened before all workers were away.
    let window = '30 days'
    const lookUnlessLooking = (): void => {
      looking ??= look()
        .catch((error: unknown) => logger.warn('the job queue cannot be read', { error }))
        .finally(() => {
          looking = undefined
        })
    }
    const timer = setInterval(lookUnlessLooking, LOOK_EVERY_MS)
    stops.push(
      () => clearInterval(timer),
      bus.subscribe(JOBS_TOPIC, wake),
      bus.subscribe(CANCEL_TOPIC, (id) => {
        for (const attempt of attempts) if (attempt.job.id === id) attempt.abort('cancelled')
      }),
    )
    heartbeats.start()
    // One statement finds the queues with something in them; waking all would fetch from each, twelve statements that on
    // an embedded database everything else of the start waits behind.
    lookUnlessLooking()
  }

  const drained = async (untilMs: number): Promise<void> => {
    if (attempts.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    idle.add(resolve)
    const timer = setTimeout(resolve, Math.max(0, untilMs - performance.now()))
    await promise
    clearTimeout(timer)
    idle.delete(resolve)
  }

  const pause = async (): Promise<void> => {
    pausedAt ??= performance.now()
    await Promise.all([...workers.values()].map((worker) => worker.pause()))
  }

  const drain = async (graceMs: number): Promise<void> => {
    // A job that is being fetched is ours already: what did not begin here would count as lost with us.
    await pause()
    await drained((pausedAt ?? 0) + graceMs)
    for (const attempt of attempts) attempt.abort('stopping')
    await drained(performance.now() + SETTLE_MS)
  }

  return {
    enqueue: (tx, jobs, cause) => enqueueJobs(boss, tx, jobs, cause),
    async start(perform) {
      await boss.start()
      await prepareQueues(boss, definitions)
      stops.push(relayJobChanges(bus))
      state = 'started'
      if (!works) return
      await prepareSchedules(schedules)
      work(perform)
    },
    control: createJobControl(boss, definitions),
    pause: () => void pause(),
    drain,
    async stop(graceMs) {
      if (state !== 'started') return
      state = 'stopped'
      await drain(graceMs)
      for (const stop of stops) stop()
      // It may be queueing what was due, and the database goes next.
      await looking
      heartbeats.close()
      progress.close()
      await boss.stop({ graceful: false, close: false })
    },
    async check() {
      if (state !== 'started') throw new Error('The job queue is not started')
      await readyQueues(database, [])
    },
  }
}

/** Handlers that were told to stop have a second, and their end has to be written. */
const SETTLE_MS = 4_000
