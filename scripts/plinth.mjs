#!/usr/bin/env node
/**
 * The one entry to every command of this repository: `node scripts/plinth.mjs <command> [arguments]`.
 * It needs Node 20 and npm, nothing installed: it brings the rest first and then runs the command on Node 24.
 */
import { COMMANDS, SERVERS } from './lib/commands.mjs'
import { runInForeground } from './lib/processes.mjs'
import { say, sayError } from './lib/report.mjs'
import { serverEnvironment } from './lib/server-environment.mjs'
import { prepare } from './lib/setup.mjs'
import { ensureToolchain } from './lib/toolchain.mjs'

/**
 * @param {string | undefined} name
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(name = '', args) {
  if (name === 'pnpm') {
    const { pnpm, env } = await ensureToolchain()
    return runInForeground(pnpm, args, { env })
  }
  const command = COMMANDS[name]
  if (command === undefined) {
    say(`✗ There is no command "${name}".`)
    say(`  Use one of: ${Object.keys(COMMANDS).join(', ')}, pnpm.`)
    return 2
  }
  const { node, env } = await prepare()
  const own = SERVERS.has(name) ? serverEnvironment(env) : {}
  return runInForeground(node, [...command, ...args], { env: { ...env, ...own } })
}

try {
  process.exitCode = await main(process.argv[2], process.argv.slice(3))
} catch (error) {
  sayError(error)
  process.exitCode = 1
}
