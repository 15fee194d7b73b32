import { handleJob, type JobHandler } from '../../../server/src/contract/job.ts'
import { noteJob } from '../../support/jobs.ts'
import { until } from '../../support/until.ts'

/** Its first attempt stands still for ever at the point that its note names. */
export const parks = noteJob('test.parks')
/** Its first attempt wants to commit once `test:go` has an event. */
export const lingers = noteJob('test.lingers')
/** Ends the process that does it. */
export const exits = noteJob('test.exits', { retry: { limit: 1, delaySeconds: 1 } })

/** Prints a line that the test waits for. */
function say(...words: (string | number)[]): void {
  process.stdout.write(`${words.join(' ')}\n`)
}

const forEver = () => new Promise<never>(() => undefined)

/** What does these jobs. Each effect is an event of the stream `test:<job>`. */
export const kinds: Readonly<Record<string, JobHandler>> = {
  parks: handleJob(parks, async ({ id, attempt, payload: { note: point }, unit }) => {
    const park = async (here: string) => {
      if (attempt > 1 || here !== point) return
      say('at', here, id)
      await forEver()
    }
    await park('before')
    const result = await unit.commit(async (change) => {
      await change.db.idempotencyKey.create({
        data: {
          owner: 'effect',
          procedure: id,
          key: String(attempt),
          inputHash: '',
          expiresAt: new Date('2100-01-01'),
        },
      })
      await park('inside')
      return { note: `attempt ${attempt}` }
    })
    await park('after')
    return result
  }),
  lingers: handleJob(lingers, async ({ id, attempt, unit }) => {
    if (attempt === 1) {
      say('at', 'linger', id)
      // Not through the signal: this is a handler that heeds nothing.
      await until('told to go on', () => (process.env.GO === 'yes' ? true : undefined), 60_000)
    }
    try {
      return await unit.commit(async (change) => {
        await change.db.idempotencyKey.create({
          data: {
            owner: 'effect',
            procedure: id,
            key: String(attempt),
            inputHash: '',
            expiresAt: new Date('2100-01-01'),
          },
        })
        return { note: `attempt ${attempt}` }
      })
    } catch (error) {
      say('refused', id, attempt)
      throw error
    }
  }),
  exits: handleJob(exits, async () => {
    say('exits')
    process.exit(1)
  }),
}
