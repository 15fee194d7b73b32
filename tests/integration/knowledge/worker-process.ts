/** A worker in a process of its own; with `DOOMED` its embedder stands still at the second batch. */
import { createApplication } from '../../../server/src/app.ts'
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { createDemoProvider } from '../../../server/src/platform/llm/demo/demo-provider.ts'
import type { LlmProvider } from '../../../server/src/platform/llm/llm-provider.ts'
import { testConfig } from '../../support/config.ts'

const { DATABASE_URL: url = '', STORAGE_DIRECTORY = '', DOOMED } = process.env
const config = testConfig({
  PLINTH_ROLE: 'worker',
  LOG_LEVEL: 'error',
  LOG_FORMAT: 'json',
  DATABASE_URL: url,
  STORAGE_DIRECTORY,
})
const database = await openDatabase({
  url,
  dataDirectory: config.dataDirectory,
  poolSize: 8,
  poolWaitMs: 5_000,
  statementTimeoutMs: 20_000,
})
const demo = createDemoProvider()
let batches = 0
const provider: LlmProvider = {
  ...demo,
  async embed(request) {
    batches += 1
    if (DOOMED === 'yes' && batches === 2) {
      process.stdout.write('held\n')
      await new Promise<never>(() => undefined)
    }
    return await demo.embed(request)
  },
}
const app = createApplication(config, database, { llmProviders: [provider], schedules: false })
await app.start()
process.stdout.write('ready\n')
