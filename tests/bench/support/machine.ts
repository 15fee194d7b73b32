import { availableParallelism, cpus, totalmem } from 'node:os'
import { databaseVersion } from './database.ts'

/** What the numbers were measured on. */
export interface Machine {
  readonly processors: string
  readonly memory: string
  readonly node: string
  readonly database: string
}

/** Describes this machine. */
export async function describeMachine(): Promise<Machine> {
  return {
    processors: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    database: await databaseVersion(),
  }
}
