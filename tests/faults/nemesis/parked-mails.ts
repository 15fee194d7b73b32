import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Fleet } from '../machine/fleet.ts'
import type { ArrivedMail, Fate } from '../machine/mail-sink.ts'

/**
 * Where a job that sends a mail can be stopped, by what is outside of the server: its mail server does not answer
 * before the mail counts as taken; or after; the row of the mail is locked; the row of the job is locked.
 */
export const POINTS = [
  'before the effect',
  'after the effect',
  'before it is noted',
  'before the job ends',
] as const
export type Point = (typeof POINTS)[number]

/** Jobs that stand still in the middle. */
export interface ParkedMails {
  /** The ids of the mails, by the point where their jobs stand. */
  readonly at: ReadonlyMap<Point, string>
  /** Lets everything go on, for whoever still wants to. */
  release(): Promise<void>
}

/** Writers send a mail now and then; longer than this nobody waits for it. */
const PARK_LIMIT_MS = 20_000

/** Stops the next jobs that send a mail, one at each of `points`; resolves when they stand, or the time is up. */
export async function parkMails(
  { mails, postgres }: Fleet,
  points: readonly Point[] = POINTS,
): Promise<ParkedMails> {
  const locker = await postgres.connect()
  const at = new Map<Point, string>()
  const released = Promise.withResolvers<Fate>()
  const free = [...points]
  await locker.query('BEGIN')

  mails.decide(async (mail) => {
    const point = free.shift()
    if (point === undefined) return 'taken'
    const id = idOf(mail)
    if (point === 'before it is noted') await lockMail(locker, id)
    if (point === 'before the job ends') await lockJob(locker, id)
    at.set(point, id)
    if (point === 'after the effect') return 'taken in silence'
    return point === 'before the effect' ? await released.promise : 'taken'
  })
  const deadline = Date.now() + PARK_LIMIT_MS
  while (at.size < points.length && Date.now() < deadline) await delay(20)
  return {
    at,
    async release() {
      mails.decide(() => 'taken')
      released.resolve('ignored')
      await locker.end()
    },
  }
}

/** The message id of a mail holds the id of its row. */
function idOf({ messageId }: ArrivedMail): string {
  return /[0-9a-f-]{36}/.exec(messageId)?.[0] ?? ''
}

async function lockMail(locker: pg.Client, id: string): Promise<void> {
  await locker.query('SELECT FROM mail_messages WHERE id = $1 FOR UPDATE', [id])
}

async function lockJob(locker: pg.Client, id: string): Promise<void> {
  await locker.query(
    "SELECT FROM pgboss.job WHERE name = 'mail.send' AND data->'payload'->>'mailId' = $1 FOR UPDATE",
    [id],
  )
}

/** How the jobs of these mails stand. */
export async function jobsOf({ postgres }: Fleet, mailIds: readonly string[]): Promise<JobOfMail[]> {
  return await postgres.query<JobOfMail>(
    `SELECT b.data->'payload'->>'mailId' AS "mailId", j.state::text, j.attempt, j.finished_at AS "finishedAt"
     FROM pgboss.job b JOIN jobs j ON j.id = b.id
     WHERE b.name = 'mail.send' AND b.data->'payload'->>'mailId' = ANY($1)`,
    [mailIds],
  )
}

/** A job by the mail it sends. */
export interface JobOfMail {
  readonly mailId: string
  readonly state: string
  readonly attempt: number
  readonly finishedAt: Date | null
}

/** Makes the queue believe that the workers of these mails have been silent for a minute. */
export async function pretendSilence({ postgres }: Fleet, mailIds: readonly string[]): Promise<void> {
  await postgres.query(
    `UPDATE pgboss.job SET heartbeat_on = heartbeat_on - interval '1 minute'
     WHERE name = 'mail.send' AND state = 'active' AND data->'payload'->>'mailId' = ANY($1)`,
    [mailIds],
  )
}
