import { runningCalls } from './contract/pipeline/observe.ts'
import type { StreamSlots } from './contract/stream-slots.ts'
import type { Database } from './platform/database/index.ts'
import { jobGauge } from './platform/jobs/job-telemetry.ts'
import type { LoadGuard } from './platform/limits/index.ts'
import type { Gauge } from './platform/telemetry/index.ts'

/** What the gauges are read from. */
export interface Gauged {
  readonly database: Pick<Database, 'pool'>
  readonly streamSlots: StreamSlots
  readonly load: LoadGuard
  /** Whether this process does jobs: one that only queues them does not count them. */
  readonly works: boolean
}

/** How full the server is: calls, streams, database connections and jobs. */
export function serverGauges({ database, streamSlots, load, works }: Gauged): readonly Gauge[] {
  const { pool } = database
  return [
    ...(works ? [jobGauge(database)] : []),
    {
      name: 'plinth.calls.running',
      unit: '{call}',
      description: 'Procedure calls being worked on',
      kind: 'sum',
      read: () => [{ value: runningCalls() }],
    },
    {
      name: 'plinth.requests.shed',
      unit: '{request}',
      description: 'Requests refused because of too much load',
      kind: 'total',
      read: () => [{ value: load.refused() }],
    },
    {
      name: 'plinth.streams.open',
      unit: '{stream}',
      description: 'Open subscriptions',
      kind: 'sum',
      read: () => [{ value: streamSlots.open() }],
    },
    {
      name: 'db.client.connection.count',
      unit: '{connection}',
      description: 'Database connections of this process',
      kind: 'sum',
      read: () => [
        { value: pool.totalCount - pool.idleCount, attributes: { 'db.client.connection.state': 'used' } },
        { value: pool.idleCount, attributes: { 'db.client.connection.state': 'idle' } },
      ],
    },
    {
      name: 'db.client.connection.max',
      unit: '{connection}',
      description: 'The most database connections this process opens',
      kind: 'sum',
      read: () => [{ value: pool.options.max }],
    },
    {
      name: 'db.client.connection.pending_requests',
      unit: '{request}',
      description: 'What waits for a database connection',
      kind: 'sum',
      read: () => [{ value: pool.waitingCount }],
    },
  ]
}
