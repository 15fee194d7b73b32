/** `db:rollback [--steps <n>] [--to <migration>]`: undoes migrations, the last one unless told. */
import { parseArgs } from 'node:util'
import { DatabaseError, type RollbackTarget, rollback } from '../platform/database/index.ts'
import { runCommand } from './support/run-command.ts'

await runCommand(async (database) => {
  const undone = await rollback(database, readTarget())
  for (const name of undone) console.log(`✓ undone: ${name}`)
  console.log(undone.length === 0 ? 'There was nothing to undo.' : 'Undone. "db:migrate" applies them again.')
  return 0
})

function readTarget(): RollbackTarget {
  const { values } = parseArgs({ options: { steps: { type: 'string' }, to: { type: 'string' } } })
  if (values.to !== undefined) return { to: values.to }
  const steps = Number(values.steps ?? '1')
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new DatabaseError('--steps: give a whole number from 1, or --to with the migration to go back to.')
  }
  return { steps }
}
