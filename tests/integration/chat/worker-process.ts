/** A worker in a process of its own whose model says "one two " and then nothing more. */
import { createApplication } from '../../../server/src/app.ts'
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { testConfig } from '../../support/config.ts'
import { scriptedProvider } from '../../support/llm/scripted-provider.ts'

const url = process.env.DATABASE_URL
const config = testConfig({
  PLINTH_ROLE: 'worker',
  LOG_LEVEL: 'warn',
  LOG_FORMAT: 'json',
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
const model = scriptedProvider('demo', function* () {
  yield { text: 'one ' }
  yield { text: 'two' }
  yield { text: ' ' }
  yield { wait: new Promise(() => undefined) }
})
const app = createApplication(config, database, { llmProviders: [model], schedules: false })
await app.start()
process.stdout.write('ready\n')
