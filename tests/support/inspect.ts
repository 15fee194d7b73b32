import { readdir } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { ServerProcess } from './server-process.ts'
import { until } from './until.ts'

/** What a server holds, garbage not counted. */
export interface Inspection {
  readonly heapMb: number
  readonly rssMb: number
  /** Open files and sockets; NaN where there is no `/proc`. */
  readonly descriptors: number
}

/** Variables for a server that is to be inspected. */
export const INSPECTED: Record<string, string> = {
  NODE_OPTIONS: `--import ${pathToFileURL(`${import.meta.dirname}/inspect-preload.ts`).href}`,
}

/** Has the server collect garbage and says what is left. */
export async function inspect(server: ServerProcess): Promise<Inspection> {
  const lines = () => server.output().match(/^inspection .*$/gm) ?? []
  const before = lines().length
  process.kill(server.pid, 'SIGUSR2')
  const line = await until('the inspection', () => lines()[before], 30_000)
  const { heapUsed, rss }: Record<string, number> = JSON.parse(line.slice('inspection '.length))
  const files = await readdir(`/proc/${server.pid}/fd`).catch(() => undefined)
  return {
    heapMb: (heapUsed ?? Number.NaN) / 2 ** 20,
    rssMb: (rss ?? Number.NaN) / 2 ** 20,
    descriptors: files?.length ?? Number.NaN,
  }
}
