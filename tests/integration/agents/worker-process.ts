/** A worker in a process of its own whose model does what a run's input says; with `DOOMED` it stands still half-way. */
import { setInterval } from 'node:timers'
import { createApplication } from '../../../server/src/app.ts'
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { testConfig } from '../../support/config.ts'
import { scriptedProvider } from '../../support/llm/scripted-provider.ts'
import { scriptOf } from './run-script.ts'

const url = process.env.DATABASE_URL
const config = testConfig({
  PLINTH_ROLE: 'worker',
  LOG_LEVEL: 'error',
  LOG_FORMAT: 'json',
  ...(url === undefined ? {} : { DATABASE_URL: url }),
})
const database = await openDatabase({
  url,
  dataDirectory: config.dataDirectory,
  poolSize: 8,
  poolWaitMs: 5_000,
  statementTimeoutMs: 20_000,
})
const model = scriptedProvider('demo', scriptOf(process.env.DOOMED === 'yes'))
const app = createApplication(config, database, { llmProviders: [model], schedules: false })
await app.start()
process.stdout.write('ready\n')

// A process that was stopped and goes on says when its model was told to stop.
let told = 0
setInterval(() => {
  while (told < model.aborted()) {
    told += 1
    process.stdout.write('aborted\n')
  }
}, 50)
