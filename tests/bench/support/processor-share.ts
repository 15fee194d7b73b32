import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Short, so that a process which has used its share up is held for a few milliseconds and not for a tenth of a second. */
const PERIOD_US = 10_000
const GIVE_UP_AFTER = 50
const POLL_MS = 20

/** Processes that may use no more than a share of a processor each; `await using` ends that once they have ended. */
export interface ProcessorShares extends AsyncDisposable {
  /** Holds a process with all its threads to the share from now on. */
  hold(pid: number): void
}

/**
 * Linux's own way (control groups of version 1 or 2), for whoever may make groups; undefined elsewhere. With it a machine
 * with few processors can be shared out among servers, their database and their load, so that none waits for another.
 */
export function processorShares(share: number): ProcessorShares | undefined {
  const make = [inVersion2, inVersion1].find(({ root }) => existsSync(root.marker))
  if (make === undefined) return undefined
  const groups: string[] = []
  const quota = Math.round(share * PERIOD_US)
  const hold = (pid: number): void => {
    const group = path.join(make.root.folder, `plinth-bench-${pid}`)
    mkdirSync(group)
    groups.push(group)
    make.limit(group, quota)
    writeFileSync(path.join(group, 'cgroup.procs'), String(pid))
  }
  return isAllowed(make.root.folder) ? { hold, [Symbol.asyncDispose]: () => removeAll(groups) } : undefined
}

const inVersion1 = {
  root: { folder: '/sys/fs/cgroup/cpu', marker: '/sys/fs/cgroup/cpu/cpu.cfs_quota_us' },
  limit(group: string, quota: number): void {
    writeFileSync(path.join(group, 'cpu.cfs_period_us'), String(PERIOD_US))
    writeFileSync(path.join(group, 'cpu.cfs_quota_us'), String(quota))
  },
}

const inVersion2 = {
  root: { folder: '/sys/fs/cgroup', marker: '/sys/fs/cgroup/cgroup.controllers' },
  limit(group: string, quota: number): void {
    writeFileSync(path.join(group, 'cpu.max'), `${quota} ${PERIOD_US}`)
  },
}

function isAllowed(folder: string): boolean {
  const probe = path.join(folder, `plinth-bench-probe-${process.pid}`)
  try {
    mkdirSync(probe)
    const limits = ['cpu.max', 'cpu.cfs_quota_us'].some((file) => existsSync(path.join(probe, file)))
    rmdirSync(probe)
    return limits
  } catch {
    return false
  }
}

/** A group can be removed when its last process is gone, which takes the kernel a moment. */
async function removeAll(groups: readonly string[]): Promise<void> {
  for (const group of groups) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        rmdirSync(group)
        break
      } catch (error) {
        if (attempt === GIVE_UP_AFTER) throw error
        await delay(POLL_MS)
      }
    }
  }
}
