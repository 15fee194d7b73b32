/**
 * What each command runs on Node 24; arguments of the caller come after these.
 *
 * @type {Record<string, string[]>}
 */
export const COMMANDS = {
  start: ['server/src/main.ts'],
  dev: ['--watch', '--watch-preserve-output', 'server/src/main.ts'],
  test: ['scripts/test.mjs'],
  check: ['scripts/check.mjs'],
  lint: ['scripts/check.mjs', 'format and lint', 'import direction'],
  format: ['scripts/format.mjs'],
  typecheck: ['scripts/check.mjs', 'types'],
  knip: ['scripts/check.mjs', 'unused code'],
  config: ['server/src/commands/config.ts'],
  'db:migrate': ['server/src/commands/migrate.ts'],
  'db:rollback': ['server/src/commands/rollback.ts'],
  'db:seed': ['server/src/commands/seed.ts'],
  studio: ['server/src/commands/studio.ts'],
  jobs: ['server/src/commands/jobs.ts'],
  prisma: ['server/src/commands/prisma.ts'],
  'sdk:generate': ['scripts/generate.mjs'],
  new: ['server/src/commands/new.ts'],
  'contract:check': ['server/src/commands/contract-check.ts'],
  bench: ['tests/bench/main.ts'],
  fuzz: ['tests/fuzz/main.ts'],
  faults: ['tests/faults/main.ts'],
}

/** Those that serve until they are told to stop. */
export const SERVERS = new Set(['start', 'dev'])
