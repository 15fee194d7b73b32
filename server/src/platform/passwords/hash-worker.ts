import { setPriority } from 'node:os'
import bcrypt from 'bcryptjs'

/** How much the thread yields to others (nice value): the event loop must get its core whenever it wants it. */
const NICENESS = 10

/** One piece of work for the thread. Only peppered digests come here, never a password. */
export type HashTask =
  | { readonly kind: 'hash'; readonly digest: string; readonly cost: number }
  | { readonly kind: 'compare'; readonly digest: string; readonly hash: string }

// On Linux priorities belong to threads; elsewhere this call would slow down the whole process.
if (process.platform === 'linux') setPriority(0, NICENESS)

/** Hashes a digest, or compares one with a hash ("yes" or "no"). */
export default function run(task: HashTask): string {
  if (task.kind === 'hash') return bcrypt.hashSync(task.digest, task.cost)
  return bcrypt.compareSync(task.digest, task.hash) ? 'yes' : 'no'
}
