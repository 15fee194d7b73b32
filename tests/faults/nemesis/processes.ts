import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** An orchestrator that grants 30 s must never have to wait for it. */
const STOP_WITHIN_MS = 25_000
const START_WITHIN_MS = 3_000

/** F1: an API process is gone from one moment to the next. */
export const killApi: Fault = {
  id: 'F1',
  title: 'kill -9 of an API process',
  async strike({ fleet, random }) {
    await delay(random.between(0, 200))
    random.pick(fleet.apis).kill()
    await delay(50)
  },
}

/** F5: a new version is rolled out, process by process, as an orchestrator does it. */
export const rollingRestart: Fault = {
  id: 'F5',
  title: 'rolling restart by SIGTERM',
  async strike({ fleet, pace, complain }) {
    for (let round = 0; round < (pace === 'full' ? 10 : 1); round += 1) {
      for (const member of fleet.members) {
        const { stoppedInMs, startedInMs } = await member.restart()
        if (stoppedInMs > STOP_WITHIN_MS)
          complain(`${member.name} took ${Math.round(stoppedInMs)} ms to stop`)
        if (startedInMs > START_WITHIN_MS && pace === 'full')
          complain(`${member.name} took ${Math.round(startedInMs)} ms to start`)
      }
    }
  },
}
