import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** F6: the database ends as in a power cut, and comes back by itself. */
export const crashPostgres: Fault = {
  id: 'F6',
  title: 'Postgres crashes (immediate stop) and comes back',
  async strike({ fleet, random, pace }) {
    await delay(random.between(0, 200))
    await fleet.postgres.crash()
    await delay(pace === 'full' ? 5_000 : 1_500)
    await fleet.postgres.start()
  },
}

/** F7: every connection is cut again and again, as by a failover that flaps or a firewall gone mad. */
export const cutConnections: Fault = {
  id: 'F7',
  title: 'all database connections cut every 500 ms',
  async strike({ fleet, random, pace }) {
    const times = pace === 'full' ? 20 : 5
    for (let time = 0; time < times; time += 1) {
      await fleet.postgres.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      )
      await delay(random.between(400, 600))
    }
  },
}
