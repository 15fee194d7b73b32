/** `db:migrate`: applies what is pending. */
import { migrate } from '../platform/database/index.ts'
import { runCommand } from './support/run-command.ts'

await runCommand(async (database) => {
  const applied = await migrate(database)
  for (const name of applied) console.log(`✓ ${name}`)
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.length}.`)
  return 0
})
