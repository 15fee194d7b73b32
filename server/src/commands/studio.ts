/** `studio [Prisma's options]`: Prisma Studio on the configured database, embedded or not. */
import { openStudio } from './support/open-studio.ts'
import { runCommand } from './support/run-command.ts'

await runCommand((database) => openStudio(database, process.argv.slice(2)))
