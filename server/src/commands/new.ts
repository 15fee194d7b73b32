/** `npm run new -- module <name>`: a module in the shape of the others, with its table, its tests and its generated files. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ScaffoldBlocked } from './scaffold/edits.ts'
import { type ModuleNames, moduleNames, NameRefused } from './scaffold/module-names.ts'
import { type PlannedFile, planModule } from './scaffold/plan-module.ts'
import { writeFiles } from './scaffold/write-files.ts'

const root = path.join(import.meta.dirname, '../../..')

const USAGE = `Usage: npm run new -- module <name> [--singular <name>] [--dry-run]
  <name> is a plural in lower case, such as "invoices" or "purchase-orders".
  --singular  what one of them is called, where it does not follow from the plural
  --dry-run   says what would be written, and writes nothing`

interface Step {
  readonly title: string
  /** To run by hand when it fails. */
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Record<string, string>
}

process.exitCode = main(process.argv.slice(2))

function main(args: string[]): number {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { singular: { type: 'string' }, 'dry-run': { type: 'boolean' }, help: { type: 'boolean' } },
    })
    const [kind, name, ...rest] = positionals
    if (values.help === true) return say(USAGE, 0)
    if (kind !== 'module' || name === undefined || rest.length > 0) return say(USAGE, 2)
    const names = moduleNames(name, values.singular)
    const files = planModule(root, names, new Date())
    if (values['dry-run'] === true) return say(`Would write:\n${listed(files)}\nNothing was written.`, 0)
    writeFiles(root, files)
    say(`Wrote:\n${listed(files)}`, 0)
    const isDone = steps(files).every(run)
    return isDone ? say(next(names), 0) : 1
  } catch (error) {
    if (error instanceof NameRefused || error instanceof ScaffoldBlocked)
      return say(`✗ ${error.message}\n  Nothing was written.`, 1)
    if (error instanceof TypeError && 'code' in error) return say(`✗ ${error.message}\n${USAGE}`, 2)
    throw error
  }
}

function steps(files: readonly PlannedFile[]): Step[] {
  return [
    {
      title: 'format',
      command: 'npm run format',
      args: [
        'node_modules/@biomejs/biome/bin/biome',
        'check',
        '--write',
        '--log-level=error',
        ...files.map((file) => file.path).filter((file) => file.endsWith('.ts')),
      ],
    },
    {
      title: 'database client',
      command: 'npm run prisma -- generate',
      args: ['node_modules/prisma/build/index.js', 'generate'],
      env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
    },
    {
      title: 'SDK and other generated files',
      command: 'npm run sdk:generate',
      args: ['scripts/generate.mjs'],
    },
    {
      title: 'access matrix',
      command: 'npm test -- access-matrix-file -u',
      args: [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--project=embedded',
        'tests/contract/access-matrix-file.test.ts',
        '--testNamePattern=the committed matrix',
        '-u',
      ],
    },
  ]
}

function run({ title, command, args, env }: Step): boolean {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    // biome-ignore lint/style/noProcessEnv: a child process gets what this one got, and some settings more
    env: { ...process.env, ...env },
  })
  if (status === 0) {
    say(`✓ ${title}`, 0)
    return true
  }
  say(
    `${stdout}${stderr}✗ ${title}\n  The files are written. Correct what is named above, then run \`${command}\`.`,
    1,
  )
  return false
}

function listed(files: readonly PlannedFile[]): string {
  return files
    .map(({ path: file, before }) => `  ${before === undefined ? 'new' : 'changed'}\t${file}`)
    .join('\n')
}

function next({ plural, type, types, many }: ModuleNames): string {
  return `
The ${many} of a project can be created, read, listed, changed and deleted, by SDK, REST and every other way of calling.

Next:
  npm test -- tests/api/${plural}           its tests
  npm run dev                          serves it; the table is made at the start
  server/src/modules/${plural}/${plural}.schema.ts   add fields to ${type}; to the table by a migration
  server/src/modules/${plural}/${plural}.router.ts   add procedures: policy, ${types}…Input, ${types}…Output, one call
  npm run sdk:generate                 after every change to these

docs/new-module.md goes through it step by step.`
}

function say(text: string, code: number): number {
  process.stdout.write(`${text}\n`)
  return code
}
