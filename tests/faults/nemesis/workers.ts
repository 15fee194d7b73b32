import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** F2, the plain form: a worker is gone from one moment to the next, whatever it was at. */
export const killWorker: Fault = {
  id: 'F2',
  title: 'kill -9 of a worker',
  recoverWithinMs: 1_000,
  async strike({ fleet, random }) {
    await delay(random.between(0, 200))
    random.pick(fleet.workers).kill()
    await delay(50)
    return []
  },
}
