import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** Node's arguments for a server whose memory is to be read. */
export const MEMORY_ARGS: readonly string[] = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('./memory-preload.ts', import.meta.url)),
]

const Reading = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number() })

/** Bytes a process holds after collecting garbage. */
export type MemoryReading = z.infer<typeof Reading>

/** Collects garbage in the server and says what is left. */
export async function readMemory(child: ChildProcess): Promise<MemoryReading> {
  child.send('memory')
  const [reading] = await once(child, 'message', { signal: AbortSignal.timeout(30_000) })
  return Reading.parse(reading)
}

/** The resident set of a process, in MB; NaN outside Linux. */
export function residentMemoryMb(pid: number | undefined): number {
  if (pid === undefined || process.platform !== 'linux') return Number.NaN
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}
