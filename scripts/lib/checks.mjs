import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findStaleFiles } from './generated.mjs'
import { findForbiddenImports } from './import-direction.mjs'
import { ROOT } from './paths.mjs'
import { capture } from './processes.mjs'
import { say, seconds } from './report.mjs'

/** @typedef {{ title: string, fix: string, run: () => Promise<{ ok: boolean, output: string }> }} Check */

/**
 * Everything a change must pass besides the tests, in the order that tells most first.
 *
 * @type {Check[]}
 */
export const CHECKS = [
  {
    title: 'format and lint',
    fix: '`npm run format` repairs what it can; the rest is named above.',
    run: () => biome('check', '--error-on-warnings', '--max-diagnostics=50'),
  },
  {
    title: 'merges',
    fix: 'Decide what stays of the two sides named above.',
    run: findConflictMarkers,
  },
  {
    title: 'import direction',
    fix: 'Move the code down a layer, or take what you need as an argument; ARCHITECTURE.md draws the layers.',
    run: async () => listed(findForbiddenImports(ROOT)),
  },
  { title: 'types', fix: 'Correct the types named above.', run: checkTypes },
  {
    title: 'unused code',
    fix: 'Delete what nothing uses, or use it.',
    run: () =>
      capture(process.execPath, [bin(import.meta.resolve('knip'), '../bin/knip.js'), '--no-progress']),
  },
  {
    title: 'contract',
    fix: 'Change it so that nobody breaks, or raise the version; docs/contract.md says how.',
    run: () => capture(process.execPath, [join(ROOT, 'server/src/commands/contract-check.ts')]),
  },
  {
    title: 'generated files',
    fix: 'Run `npm run sdk:generate` and commit what changed.',
    run: async () => listed(await findStaleFiles()),
  },
]

/**
 * Runs checks one after the other, all of them even when one fails, each with one line and a failing one with its
 * output.
 *
 * @param {Check[]} checks
 * @returns {Promise<string[]>} the titles of those that failed
 */
export async function runChecks(checks) {
  const failed = []
  for (const { title, fix, run } of checks) {
    const started = performance.now()
    const { ok, output } = await run().catch((error) => ({ ok: false, output: String(error) }))
    const duration = seconds(performance.now() - started)
    if (ok) {
      say(`✓ ${title} (${duration})`)
      continue
    }
    say(output.trimEnd())
    say(`✗ ${title} (${duration})`)
    say(`  ${fix}`)
    failed.push(title)
  }
  return failed
}

/**
 * Runs Biome on the whole repository.
 *
 * @param {string[]} args
 */
export function biome(...args) {
  return capture(process.execPath, [
    bin(import.meta.resolve('@biomejs/biome/package.json'), 'bin/biome'),
    ...args,
    '.',
  ])
}

/** In all that git knows: no other check reads Markdown. Git finding nothing is what is wanted. */
async function findConflictMarkers() {
  const { ok: found, output } = await capture('git', ['grep', '-nE', '^(<{7}|>{7}) '])
  return { ok: !found, output }
}

/**
 * Every folder with a tsconfig.json is a program of its own. Examples see only the packed SDK, so their test checks them
 * where they have it.
 */
async function checkTypes() {
  const programs = globSync('{server,client-sdk,client-sdk/src/cli,tests,scripts}/tsconfig.json', {
    cwd: ROOT,
  })
  const outputs = []
  for (const program of programs.sort()) {
    const { ok, output } = await capture(process.execPath, [
      bin(import.meta.resolve('typescript/package.json'), 'bin/tsc'),
      '--project',
      program,
    ])
    if (!ok) outputs.push(output.trimEnd())
  }
  return { ok: outputs.length === 0, output: outputs.join('\n') }
}

/**
 * @param {string} anchor the URL of a file in a package
 * @param {string} file the wanted path, seen from there
 */
function bin(anchor, file) {
  return fileURLToPath(new URL(file, anchor))
}

/** @param {string[]} findings */
function listed(findings) {
  return { ok: findings.length === 0, output: findings.join('\n') }
}
