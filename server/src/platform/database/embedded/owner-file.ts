import { renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Layout } from './layout.ts'
import type { Owner } from './owner.ts'

/** Writes `owner` down in one step, so that no reader sees half of it. */
export function writeOwner(layout: Layout, owner: Owner): void {
  const draft = `${layout.owner}.${owner.hostPid}`
  writeFileSync(draft, `${JSON.stringify(owner)}\n`, { mode: 0o600 })
  renameSync(draft, layout.owner)
}

/** The host is ending: nobody serves the database. */
export function forgetOwner(layout: Layout): void {
  rmSync(layout.owner, { force: true })
}
