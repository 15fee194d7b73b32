/** `studio [Prisma's options]`: Prisma Studio on the configured database, embedded or not. */
import { runCommand } from './support/run-command.ts'
import { runPrisma } from './support/run-prisma.ts'

await runCommand(() => runPrisma(['studio', ...process.argv.slice(2)]))
