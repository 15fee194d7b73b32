import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Config, loadConfig } from '../../server/src/config/index.ts'

/** Long enough and random-looking, as the configuration asks; only tests sign with it. */
export const TEST_SECRET = 'q7Rf2mXv9LkZ4tBw8HcN1sYp6JdG3aEu5TiO0xKb'

/** A configuration for tests: cheap hashing, silent, nothing read from the machine's environment. */
export function testConfig(variables: Record<string, string> = {}): Config {
  return loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    PUBLIC_URL: 'http://plinth.test',
    JWT_SECRET: TEST_SECRET,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent',
    PLINTH_DATA: path.join(tmpdir(), 'plinth-test'),
    CORS_ORIGINS: 'https://app.plinth.test',
    // A machine that is busy with tests is late; that load is shed then has tests of its own.
    MAX_LOOP_DELAY_MS: '10000',
    ...variables,
  })
}
