import { setTimeout as delay } from 'node:timers/promises'
import type { Fault, Stage } from './fault.ts'
import { jobsOf, type ParkedMails, parkMails, pretendSilence } from './parked-mails.ts'

/** What was begun by a worker that died is begun again by then. */
const AGAIN_WITHIN_MS = 30_000

/** A worker is gone from one moment to the next, whatever it was at. */
export const killWorker: Fault = {
  id: 'F2',
  title: 'kill -9 of a worker',
  async strike({ fleet, random }) {
    await delay(random.between(0, 200))
    random.pick(fleet.workers).kill()
    await delay(50)
  },
}

/** F2: all workers are gone while their jobs stand at marked points, so that nobody is left who knew of them. */
export const killWorkersMidJob: Fault = {
  id: 'F2',
  title: 'kill -9 of the workers, jobs at marked points',
  async strike(stage) {
    const { fleet, note } = stage
    const parked = await parkMails(fleet)
    note(`jobs stood ${[...parked.at.keys()].join(', ')}`)
    const killedAt = Date.now()
    for (const worker of fleet.workers) worker.kill()
    await parked.release()
    await fleet.ready()
    if (!stage.patient) await pretendSilence(fleet, [...parked.at.values()])
    stage.whenQuiet(() => expectSecondAttempts(stage, parked, killedAt))
  },
}

async function expectSecondAttempts(stage: Stage, { at }: ParkedMails, killedAt: number): Promise<void> {
  const points = new Map([...at].map(([point, id]) => [id, point]))
  for (const { mailId, state, attempt, finishedAt } of await jobsOf(stage.fleet, [...at.values()])) {
    const point = points.get(mailId)
    const afterMs = (finishedAt?.getTime() ?? Number.POSITIVE_INFINITY) - killedAt
    stage.note(
      `the job that stood ${point}: ${state} at attempt ${attempt}, ${(afterMs / 1_000).toFixed(1)} s after the kill`,
    )
    if (afterMs > AGAIN_WITHIN_MS)
      stage.complain(`the job that stood ${point} was done only ${afterMs} ms after the kill`)
  }
}
