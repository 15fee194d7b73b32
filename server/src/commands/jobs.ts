/** `jobs [--port n]`: pg-boss's dashboard on the configured database, embedded or not. */
import { parseArgs } from 'node:util'
import { openDashboard } from './support/open-dashboard.ts'
import { runCommand } from './support/run-command.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '4100' } } })
await runCommand((database) => openDashboard(database, values.port))
