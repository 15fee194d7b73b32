#!/usr/bin/env node
/**
 * Stands in for Prisma's native `schema-engine`: the same protocol (one JSON-RPC 2.0 message per line on stdin and
 * stdout, or the subcommand `cli`), answered by the WebAssembly build of the engine over the `pg` driver.
 * Prisma starts it where `PRISMA_SCHEMA_ENGINE_BINARY` says, see `locate.ts`.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createDatabase, explain, tryConnection } from './connection-check.ts'
import { answer, type Reply, stderrRecord } from './rpc.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    datamodels: { type: 'string', multiple: true },
    datasource: { type: 'string' },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
  },
})

const datasource: unknown = typeof values.datasource === 'string' ? JSON.parse(values.datasource) : {}
const url =
  datasource instanceof Object && 'url' in datasource && typeof datasource.url === 'string'
    ? datasource.url
    : undefined

process.on('SIGTERM', () => process.exit(0))

if (positionals[0] === 'cli') await runSubcommand(positionals[1])
else await serve()

async function runSubcommand(command: string | undefined): Promise<void> {
  try {
    if (command === 'can-connect-to-database') await tryConnection(url ?? '')
    else if (command === 'create-database') await createDatabase(url ?? '')
    else throw new Error(`The schema engine stand-in does not know the subcommand "${command}".`)
  } catch (error) {
    const { code, message } = explain(error, url)
    // The command line drops the first line of what it reads and looks for this record in the rest.
    process.stderr.write(`\n${stderrRecord(message, code)}`)
    process.exitCode = 1
  }
}

async function serve(): Promise<void> {
  const schemas = Array.isArray(values.datamodels)
    ? values.datamodels.filter((path) => typeof path === 'string')
    : []
  const files = schemas.map((path): [string, string] => [path, readFileSync(path, 'utf8')])
  const send = (reply: Reply): void => void process.stdout.write(`${JSON.stringify(reply)}\n`)
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== '') await answer(JSON.parse(line), { url, files, send })
  }
  process.exit(0)
}
