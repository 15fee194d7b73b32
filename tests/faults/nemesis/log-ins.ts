import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../bench/support/statistics.ts'
import { mutate } from '../../support/http.ts'
import type { Random } from '../random.ts'
import { newAddress } from '../workload/people.ts'
import type { Fault } from './fault.ts'

const PASSWORD = 'correct-Horse 41 battery staple'
const WRONG_PASSWORD = 'correct-Horse 42 battery staple'
const ACCOUNTS = 20
/** Answers to a log-in while there are too many. */
const EXPECTED = new Set([200, 401, 429, 503])
const PROBE_EVERY_MS = 50
/** While log-ins storm, everybody else waits no longer than this; the full pace runs on a machine of its own. */
const PROBE_P99_MS = { quick: 2_000, full: 100 }

/** F19: half the internet wants to log in, half of it with a wrong password, a fifth of it without an account. */
export const stormLogIns: Fault = {
  id: 'F19',
  title: 'log-in storm beside ordinary work',
  async strike({ fleet, random, pace, complain, note }) {
    const emails = await registerAccounts(fleet.baseUrl)
    const { perSecond, seconds } =
      pace === 'full' ? { perSecond: 200, seconds: 60 } : { perSecond: 60, seconds: 3 }
    const logIns: Promise<void>[] = []
    const stopProbing = new AbortController()
    const probes = probe(fleet.baseUrl, stopProbing.signal)
    for (let number = 0; number < perSecond * seconds; number += 1) {
      await delay(1_000 / perSecond)
      logIns.push(tryLogIn(fleet.baseUrl, emails, random, complain))
    }
    await Promise.all(logIns)
    stopProbing.abort()
    const p99 = percentile(await probes, 0.99)
    note(`/livez during the storm: p99 ${Math.round(p99)} ms`)
    if (p99 > PROBE_P99_MS[pace]) complain(`p99 of /livez was ${Math.round(p99)} ms during the storm`)
  },
}

async function registerAccounts(baseUrl: string): Promise<string[]> {
  const emails = Array.from({ length: ACCOUNTS }, (_, index) => `storm-${index}-${Date.now()}@faults.example`)
  for (const email of emails) {
    const headers = { 'x-forwarded-for': newAddress() }
    await mutate(baseUrl, 'auth.register', { email, password: PASSWORD, fullName: 'Storm' }, { headers })
  }
  return emails
}

async function tryLogIn(
  baseUrl: string,
  emails: readonly string[],
  random: Random,
  complain: (text: string) => void,
): Promise<void> {
  const chance = random.next()
  const email = chance < 0.2 ? `nobody-${random.between(0, 1_000_000)}@faults.example` : random.pick(emails)
  const password = chance < 0.7 ? WRONG_PASSWORD : PASSWORD
  const headers = { 'x-forwarded-for': newAddress() }
  const answer = await mutate(baseUrl, 'auth.login', { email, password }, { headers }).catch(() => undefined)
  if (answer === undefined) complain('a log-in was cut off')
  else if (!EXPECTED.has(answer.status)) complain(`a log-in was answered ${answer.status}: ${answer.text}`)
  else if (answer.status >= 429 && answer.headers.get('retry-after') === null)
    complain(`a log-in was answered ${answer.status} without Retry-After`)
}

/** Asks for a sign of life again and again. @returns how long each answer took, in milliseconds */
async function probe(baseUrl: string, signal: AbortSignal): Promise<number[]> {
  const times: number[] = []
  while (!signal.aborted) {
    const started = performance.now()
    const answer = await fetch(`${baseUrl}/livez`).catch(() => undefined)
    await answer?.arrayBuffer()
    times.push(answer?.status === 200 ? performance.now() - started : Number.POSITIVE_INFINITY)
    await delay(PROBE_EVERY_MS)
  }
  return times
}
