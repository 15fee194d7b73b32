import { setPriority } from 'node:os'
import bcrypt from 'bcryptjs'

/** How much the thread yields to others (nice value): the event loop must get its core whenever it wants it. */
const NICENESS = 10

/** One piece of work for the thread. Only peppered digests come here, never a password. */
export type HashTask =
  | { readonly kind: 'hash'; readonly digest: string; readonly cost: number }
  | { readonly kind: 'compare'; readonly digest: string; readonly hash: string; readonly cost: number }

// On Linux priorities belong to threads; elsewhere this call would slow down the whole process.
if (process.platform === 'linux') setPriority(0, NICENESS)

/** Hashes a digest, or compares one with a hash ("yes" or "no"; a no takes as long as hashing at `cost`). */
export default function run(task: HashTask): string {
  if (task.kind === 'hash') return bcrypt.hashSync(task.digest, task.cost)
  if (bcrypt.compareSync(task.digest, task.hash)) return 'yes'
  // 2^c for each c below `cost`, which together with the comparison makes 2^cost.
  for (let cost = bcrypt.getRounds(task.hash); cost < task.cost; cost += 1) bcrypt.hashSync(task.digest, cost)
  return 'no'
}
