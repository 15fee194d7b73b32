/**
 * A process that owns an embedded database and commits rows as fast as it can, printing the number of each once its
 * commit was acknowledged. Arguments: the data directory.
 */
import { openDatabase } from '../../../server/src/platform/database/index.ts'

const database = await openDatabase({
  dataDirectory: process.argv[2] ?? '',
  poolSize: 2,
  poolWaitMs: 10_000,
  statementTimeoutMs: 10_000,
})
await database.pool.query('CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY)')
process.stdout.write('ready\n')
for (let n = 1; ; n += 1) {
  await database.pool.query('INSERT INTO written VALUES ($1)', [n])
  process.stdout.write(`${n}\n`)
}
