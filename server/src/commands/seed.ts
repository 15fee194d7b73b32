/** `db:seed`: a small demo for an empty database, with a password made for it. */
import { seedDemo } from '../../../prisma/seed/demo.ts'
import { migrate } from '../platform/database/index.ts'
import { createPasswordHasher } from '../platform/passwords/index.ts'
import { createSecrets } from '../platform/secrets/index.ts'
import { runCommand } from './support/run-command.ts'

await runCommand(async (database, config) => {
  await migrate(database)
  const secrets = createSecrets(config.jwtSecret, config.previousJwtSecrets)
  const hasher = createPasswordHasher({ secrets, cost: config.bcryptCost, queueSize: 1 })
  try {
    const demo = await seedDemo(database, {
      environment: config.environment,
      hashPassword: (password) => hasher.hash(password),
    })
    if (demo === null) {
      console.log('The database is not empty; nothing was changed.')
      return 0
    }
    console.log(`✓ Demo accounts: ${demo.emails.join(', ')}`)
    console.log(`  Their password, shown only now: ${demo.password}`)
    return 0
  } finally {
    await hasher.close()
  }
})
