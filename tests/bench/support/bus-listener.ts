import { Redis } from 'ioredis'
import pg from 'pg'
import { createBus } from '../../../server/src/platform/events/bus.ts'
import type { BusReport } from '../bus.ts'

/** The other process of the bench `bus`: hears messages with the time they were sent, and says how long each took. */
const [, , kind, url = ''] = process.argv
const latencies: number[] = []

function heard(payload: string): void {
  latencies.push(performance.timeOrigin + performance.now() - Number(payload))
}

async function listen(): Promise<void> {
  if (kind === 'redis') {
    const redis = new Redis(url)
    redis.on('message', (_channel: string, payload: string) => heard(payload))
    await redis.subscribe('plinth-bench')
  } else {
    const bus = createBus({
      kind: 'postgres',
      connectionString: url,
      pool: new pg.Pool({ connectionString: url }),
    })
    bus.subscribe('bench', heard)
    await bus.start()
  }
  process.send?.('ready')
}

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ latencies: latencies.splice(0), cpuMs: (user + system) / 1_000 } satisfies BusReport)
})
process.on('disconnect', () => process.exit(0))
await listen()
