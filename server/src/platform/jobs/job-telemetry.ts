import { type Database, query } from '../database/index.ts'
import { durations, type Gauge, type Span, withSpan } from '../telemetry/index.ts'
import type { AttemptEnd } from './attempt.ts'
import { BOSS_SCHEMA } from './boss.ts'
import type { ClaimedJob } from './claimed-job.ts'

const jobDuration = durations({
  name: 'messaging.process.duration',
  description: 'Time an attempt at a job took',
})

/** Does an attempt in a span of its own, in the trace of the call that queued the job and linked to that call. */
export function jobSpan(job: ClaimedJob, work: (span: Span) => Promise<void>): Promise<void> {
  const attributes = {
    'messaging.system': 'pg-boss',
    'messaging.operation.type': 'process',
    'messaging.destination.name': job.definition.name,
    'messaging.message.id': job.id,
    'plinth.job.attempt': job.attempt,
    'user.id': job.ownerId ?? undefined,
  }
  return withSpan(job.definition.name, { kind: 'consumer', attributes, cause: job.cause }, work)
}

/** Notes how an attempt ended. What is tried again counts as failed too: the attempt did. */
export function observeJob(job: ClaimedJob, span: Span, outcome: AttemptEnd['kind'], ms: number): void {
  span.set({ 'plinth.job.outcome': outcome })
  if (outcome === 'broke' || outcome === 'failed') span.failed(outcome)
  if (outcome === 'refused' || outcome === 'lost') span.refused(outcome)
  jobDuration.record(ms / 1_000, {
    'messaging.destination.name': job.definition.name,
    'plinth.job.outcome': outcome,
  })
}

const COUNTS = `SELECT name, state::text AS state, count(*)::int AS count FROM ${BOSS_SCHEMA}.job
  WHERE state < 'completed' OR state = 'failed' GROUP BY 1, 2`

/** How many jobs wait, run and have failed, by queue; read from the database when somebody collects. */
export function jobGauge(database: Pick<Database, 'pool'>): Gauge {
  return {
    name: 'plinth.jobs',
    unit: '{job}',
    description: 'Jobs by queue and state, of all processes',
    kind: 'last',
    async read() {
      const rows = await query<{ name: string; state: string; count: number }>(database, {
        name: 'jobs.counts',
        text: COUNTS,
        values: [],
      })
      return rows.map(({ name, state, count }) => ({
        value: count,
        attributes: { 'messaging.destination.name': name, 'plinth.job.state': state },
      }))
    },
  }
}
