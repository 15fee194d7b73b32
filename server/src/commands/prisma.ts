/** `prisma <arguments>`: Prisma's own command line, with the embedded database running where it needs one. */
import { runCommand } from './support/run-command.ts'
import { runPrisma } from './support/run-prisma.ts'

const args = process.argv.slice(2)
/** The rest works on files. */
const needsDatabase =
  args[0] === 'db' || args[0] === 'studio' || (args[0] === 'migrate' && args[1] !== 'diff')

if (needsDatabase) await runCommand(() => runPrisma(args))
else process.exitCode = await runPrisma(args)
