import { readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second, whatever the kernel's own tick (man 5 proc, USER_HZ). */
const TICKS_PER_MS = 0.1

/** Processor time of a process and all its threads so far, user and system, in milliseconds; NaN outside Linux. */
export function processorTimeMs(pid: number | undefined): number {
  if (pid === undefined || process.platform !== 'linux') return Number.NaN
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in parentheses and may hold spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_MS
}
