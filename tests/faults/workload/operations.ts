import { createHash } from 'node:crypto'
import type { Client } from '@plinth/client'
import type { Random } from '../random.ts'

/** An operation that can be sent, and sent again with the same key and input. */
export interface Plan {
  readonly kind: string
  /** See `Operation.effects`. */
  readonly effects: readonly string[]
  /** Sends it. @returns the effects, when only the answer tells them */
  send(options: SendOptions): Promise<readonly string[] | undefined>
}

/** How a plan is sent. */
export interface SendOptions {
  readonly idempotencyKey: string
  /** Absent: as the client package retries by itself. */
  readonly retry?: false
  readonly timeoutMs: number
}

/** One writer's part of a round. */
export interface Desk {
  readonly client: Client
  readonly projectId: string
  /** Tasks that several writers count up. */
  readonly counters: readonly string[]
  readonly random: Random
  /** Tasks this writer knows to be there. */
  readonly own: string[]
  /** Somebody who may send messages, and those who may get them. */
  readonly admin: Client
  readonly recipients: readonly string[]
}

/** Makes the plan of operation `op`; undefined when what it would work on cannot be read just now. */
export type Planner = (desk: Desk, op: string) => Promise<Plan | undefined>

const IN_ONE_GO = 5
const MOST_OWN = 50

const create: Planner = async ({ client, projectId, own }, op) => ({
  kind: 'tasks.create',
  effects: [`row ${op}`, `event task.created ${op}`, `audit tasks.create ${op}`],
  async send(options) {
    const { id } = await client.tasks.create.mutate({ projectId, title: op }, options)
    if (own.length < MOST_OWN) own.push(id)
    return undefined
  },
})

const createMany: Planner = async ({ client, projectId }, op) => {
  const titles = Array.from({ length: IN_ONE_GO }, (_, index) => `${op}.${index}`)
  const tasks = titles.map((title) => ({ title }))
  return {
    kind: 'tasks.createMany',
    effects: [
      ...titles.flatMap((title) => [`row ${title}`, `event task.created ${title}`]),
      `audit tasks.createMany ${op}`,
    ],
    async send(options) {
      await client.tasks.createMany.mutate({ projectId, tasks }, options)
      return undefined
    },
  }
}

const update: Planner = async ({ client, own, random }, op) => {
  if (own.length === 0) return undefined
  const id = random.pick(own)
  return {
    kind: 'tasks.update',
    effects: [`event task.updated ${op}`, `audit tasks.update ${op}`],
    async send(options) {
      await client.tasks.update.mutate({ id, data: { description: op } }, options)
      return undefined
    },
  }
}

/** Reads a number and writes the next one, with the version that was read: two writers cannot both write it. */
const count: Planner = async ({ client, counters, random }, op) => {
  const id = random.pick(counters)
  const task = await client.tasks.get
    .query({ id }, { retry: false, timeoutMs: 10_000 })
    .catch(() => undefined)
  if (task === undefined) return undefined
  const next = countOf(task.description) + 1
  return {
    kind: 'count',
    effects: [`event task.updated ${op}`, `audit tasks.update ${op}`],
    async send(options) {
      const data = { description: `${op} ${next}` }
      await client.tasks.update.mutate({ id, data, version: task.version }, options)
      return undefined
    },
  }
}

/** The number in a counter's description; 0 before the first. */
export function countOf(description: string | null): number {
  return Number(description?.split(' ')[1] ?? 0)
}

/** Told in the app and by a mail that a job sends. */
const notify: Planner = async ({ admin, recipients, random }, op) => {
  const userId = random.pick(recipients)
  return {
    kind: 'notifications.send',
    effects: [
      `notification ${op}`,
      `event notification.created ${op}`,
      `audit notifications.send ${op}`,
      `mail ${op}`,
      `mail arrived ${op}`,
    ],
    async send(options) {
      await admin.notifications.send.mutate({ userId, subject: op, body: op }, options)
      return undefined
    },
  }
}

const MEGABYTE = 1_048_576

/** The bytes that operation `op` uploads: no known type, and no text. */
export function bytesFor(op: string, size = MEGABYTE): Buffer<ArrayBuffer> {
  return Buffer.concat([
    Buffer.from([0xf7]),
    Buffer.alloc(size - 1, createHash('sha512').update(op).digest()),
  ])
}

/** The file of operation `op` with its content, as an effect. */
export function fileEffect(name: string, sha256: string): string {
  return `file ${name} ${sha256.slice(0, 12)}`
}

const upload: Planner = async ({ client, projectId }, op) => {
  const bytes = bytesFor(op)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return {
    kind: 'files.upload',
    effects: [fileEffect(op, sha256), `bytes of ${fileEffect(op, sha256)}`, `audit files.upload ${op}`],
    async send(options) {
      await client.files.upload.mutate({ projectId, file: new File([bytes], op) }, options)
      return undefined
    },
  }
}

/** The files of a report, as effects. */
function reportEffects(reportId: string): readonly string[] {
  return [`report ${reportId}`, `csv of report ${reportId}`, `json of report ${reportId}`]
}

/** Two that ask while one is under way get the same report, so the answer alone tells what is to be found. */
const report: Planner = async ({ client, projectId }) => ({
  kind: 'reports.generate',
  effects: [],
  async send(options) {
    const { reportId } = await client.reports.generate.mutate({ projectId }, options)
    return reportEffects(reportId)
  },
})

/** What writers do, as often as it stands here. */
export const PLANNERS: readonly Planner[] = [
  ...[create, create, create, create],
  ...[update, update, update],
  ...[count, count, count],
  ...[createMany, notify, notify, upload, report],
]
