/**
 * The clients of the main job, in a process of their own: many users of the packed package, all of whom write and watch
 * at once. Told what to do by messages.
 */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Crew, startCrew } from '../workload/crew.ts'
import { createObserver } from '../workload/observer.ts'
import type { Sdk } from '../workload/sdk.ts'
import { type ClientEvidence, Order, type Report, type StartOrder } from './messages.ts'

const QUIET_LIMIT_MS = 60_000
const observer = createObserver()
const crews: Crew[] = []
let folder = ''

async function start(order: StartOrder): Promise<void> {
  folder = order.folder
  const sdk: Sdk = await import(pathToFileURL(order.sdkFile).href)
  // At once: crews that are at work already would slow down those that still register.
  const starting = Array.from({ length: order.crews }, (_, index) =>
    startCrew({
      sdk,
      baseUrl: order.baseUrl,
      fetch: observer.fetch,
      name: `main${index + 1}`,
      folder,
      seed: order.seed + index,
      superuser: order.superuser,
      writers: 0,
      watchers: 0,
      both: order.membersPerCrew,
      pauseMs: order.pauseMs,
      retries: true,
    }),
  )
  crews.push(...(await Promise.all(starting)))
  say({ type: 'working' })
}

async function finish(): Promise<void> {
  await Promise.all(crews.map((crew) => crew.finish()))
  say({ type: 'finished', projects: crews.map(({ projectId }) => projectId) })
}

async function report(lastEvents: Record<string, string>): Promise<void> {
  const watching = crews.map(({ watchers, projectId }) =>
    watchers.upTo(lastEvents[projectId] ?? '0', QUIET_LIMIT_MS),
  )
  await Promise.all(watching)
  for (const { watchers } of crews) watchers.stop()
  const lost = crews.flatMap(({ people }) => people.filter((one) => one.lostSession()))
  const evidence: ClientEvidence = {
    crews: crews.map(({ name, projectId, counters, logFile, owner, watchers }) => ({
      name,
      projectId,
      counters: [...counters],
      logFile,
      owner: { email: owner.email, password: owner.password },
      watched: watchers
        .results()
        .map(({ watcher, events, ended }) => ({ watcher, events: [...events], ended })),
    })),
    attempts: [...observer.attempts],
    complaints: [...observer.wrongAnswers, ...lost.map(({ email }) => `${email} was logged out`)],
  }
  const file = path.join(folder, 'evidence.json')
  await writeFile(file, JSON.stringify(evidence))
  say({ type: 'evidence', file })
  process.disconnect()
}

function say(message: Report): void {
  process.send?.(message)
}

process.on('message', (message) => {
  const order = Order.parse(message)
  if (order.type === 'start') void start(order.order)
  else if (order.type === 'finish') void finish()
  else void report(order.lastEvents)
})
