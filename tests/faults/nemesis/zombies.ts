import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import type { Fleet } from '../machine/fleet.ts'
import type { Fault, Stage } from './fault.ts'
import { jobsOf, parkMails, pretendSilence } from './parked-mails.ts'

/** Two workers with two places each for mails: as many jobs stand still as keep one of them busy. */
const POINTS = ['before the effect', 'before it is noted'] as const
const SECOND_ATTEMPT_MS = 60_000

/** F15: jobs are given out a second time while the first worker is at them, and while it is frozen. */
export const deliverTwice: Fault = {
  id: 'F15',
  title: 'jobs delivered twice; a frozen worker comes back',
  async strike(stage) {
    await atOnce(stage)
    await afterFreezing(stage)
  },
}

/** The queue gives the jobs to a second attempt while the first goes on. */
async function atOnce({ fleet }: Stage): Promise<void> {
  const parked = await parkMails(fleet, ['before the effect'])
  await giveOutAgain(fleet, [...parked.at.values()])
  await secondAttempts(fleet, [...parked.at.values()])
  await parked.release()
}

/** All workers but one are frozen with jobs in their hands, and go on when those are long done. */
async function afterFreezing({ fleet, random, patient, note, complain }: Stage): Promise<void> {
  const parked = await parkMails(fleet, POINTS)
  const spared = random.pick(fleet.workers)
  const frozen = fleet.workers.filter((worker) => worker !== spared)
  for (const worker of frozen) worker.signal('SIGSTOP')
  await parked.release()
  // What would pass in the time until the queue takes a silent worker for dead.
  const held = [...parked.at.values()]
  if (!patient) await pretendSilence(fleet, held)
  await until(
    'the jobs of the frozen workers are done by others',
    async () => {
      const open = (await jobsOf(fleet, held)).filter(({ state }) => state !== 'succeeded')
      return open.length === 0 ? true : undefined
    },
    SECOND_ATTEMPT_MS,
  ).catch(async (error: unknown) => complain(`${error}: ${JSON.stringify(await jobsOf(fleet, held))}`))
  await delay(random.between(0, 500))
  for (const worker of frozen) worker.signal('SIGCONT')
  const attempts = (await jobsOf(fleet, held)).map(({ attempt }) => attempt)
  note(`while the worker was frozen, its jobs took ${attempts.join(', ')} attempts`)
}

async function giveOutAgain({ postgres }: Fleet, mailIds: readonly string[]): Promise<void> {
  await postgres.query(
    `UPDATE pgboss.job SET state = 'retry', start_after = now()
     WHERE name = 'mail.send' AND state = 'active' AND data->'payload'->>'mailId' = ANY($1)`,
    [mailIds],
  )
}

async function secondAttempts(fleet: Fleet, mailIds: readonly string[]): Promise<void> {
  await until(
    'the jobs are at their second attempt',
    async () => ((await jobsOf(fleet, mailIds)).every(({ attempt }) => attempt > 1) ? true : undefined),
    SECOND_ATTEMPT_MS,
  )
}
