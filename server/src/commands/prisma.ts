/** `prisma <arguments>`: Prisma's own command line, with the embedded database running where it needs one. */
import { openStudio } from './support/open-studio.ts'
import { runCommand } from './support/run-command.ts'
import { runPrisma } from './support/run-prisma.ts'

const args = process.argv.slice(2)

if (args[0] === 'studio') await runCommand((database) => openStudio(database, args.slice(1)))
else if (args[0] === 'db' || (args[0] === 'migrate' && args[1] !== 'diff'))
  await runCommand((database) => runPrisma(args, database.connectionString))
// The rest works on files.
else process.exitCode = await runPrisma(args)
