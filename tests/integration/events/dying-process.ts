/** Commits an event to the stream named by its argument, and is killed before it could tell anybody. */
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { createBus } from '../../../server/src/platform/events/bus.ts'
import { commitChange } from './support.ts'

const [, , stream = ''] = process.argv
const database = await openDatabase({
  url: process.env.DATABASE_URL,
  dataDirectory: '',
  poolSize: 1,
  poolWaitMs: 5_000,
  statementTimeoutMs: 10_000,
})
const bus = createBus(database)
await commitChange(database, bus, ({ emit }) => emit({ stream, type: 'said', data: {} }))
// Telling begins in the next turn of the event loop; this is still the one that heard of the commit.
process.kill(process.pid, 'SIGKILL')
