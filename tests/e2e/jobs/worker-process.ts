/** A worker in a process of its own: `worker-process.ts <kind,…>`. SIGUSR2 lets jobs that linger go on. */
import { createApplication } from '../../../server/src/app.ts'
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { testConfig } from '../../support/config.ts'
import { kinds } from './job-kinds.ts'

const wanted = (process.argv[2] ?? '').split(',')
const url = process.env.DATABASE_URL
const config = testConfig({
  PLINTH_ROLE: 'worker',
  LOG_LEVEL: 'warn',
  LOG_FORMAT: 'json',
  PLINTH_DATA: process.env.PLINTH_DATA ?? '',
  ...(url === undefined ? {} : { DATABASE_URL: url }),
})
const database = await openDatabase({
  url,
  dataDirectory: config.dataDirectory,
  poolSize: 5,
  poolWaitMs: 5_000,
  statementTimeoutMs: 10_000,
  attach: true,
})
const jobHandlers = Object.entries(kinds).flatMap(([name, handler]) =>
  wanted.includes(name) ? [handler] : [],
)
const app = createApplication(config, database, { jobHandlers, schedules: false })
process.on('SIGUSR2', () => {
  process.env.GO = 'yes'
})
await app.start()
process.stdout.write('ready\n')
