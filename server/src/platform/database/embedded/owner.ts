import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { socketUrl } from '../connection-string.ts'
import { DatabaseError } from '../database-error.ts'
import { type Layout, layoutOf, SOCKET_NAME } from './layout.ts'

const ownerSchema = z.object({
  pid: z.int(),
  hostPid: z.int(),
  startedAt: z.string(),
  socketDirectory: z.string(),
})

/** The process that serves an embedded database, as it wrote itself down. */
export type Owner = z.output<typeof ownerSchema>

/** Another process has the data directory open. */
export class DataDirectoryInUseError extends DatabaseError {
  override readonly name = 'DataDirectoryInUseError'

  constructor(dataDirectory: string, owner: Owner | undefined) {
    const who = owner === undefined ? 'Another process' : `Process ${owner.pid} (since ${owner.startedAt})`
    super(
      `${who} is using the embedded database in ${dataDirectory}. ` +
        'Stop it, or give this one a folder of its own with PLINTH_DATA, ' +
        'or let both share a PostgreSQL server with DATABASE_URL.',
    )
  }
}

/** The owner on record, who may be long dead. */
export function readOwner(layout: Layout): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(layout.owner, 'utf8')))
  } catch {
    return undefined
  }
}

/**
 * The owner on record if it lives and its socket answers. Both have to hold: a number in a file may by now belong to
 * another process, and the host of a server that was killed answers until it has written everything down.
 */
export async function liveOwner(layout: Layout): Promise<Owner | undefined> {
  const owner = readOwner(layout)
  if (owner === undefined || !isAlive(owner.pid)) return undefined
  return (await answers(join(owner.socketDirectory, SOCKET_NAME))) ? owner : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user cannot be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Where the embedded database of `dataDirectory` answers while a process serves it. */
export function runningEmbeddedUrl(dataDirectory: string): string | undefined {
  const owner = readOwner(layoutOf(dataDirectory))
  return owner === undefined ? undefined : socketUrl(owner.socketDirectory)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const finish = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(2_000, () => finish(false))
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))
  })
}
