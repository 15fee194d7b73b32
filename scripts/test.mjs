/**
 * Everything a change must pass: the checks, then all tests. Arguments go to vitest (`npm test -- tasks`), the
 * checks run in any case. The last line gives the figures; a failed check counts as one failure.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CHECKS, runChecks } from './lib/checks.mjs'
import { ROOT } from './lib/paths.mjs'
import { runInForeground } from './lib/processes.mjs'
import { say } from './lib/report.mjs'

const failedChecks = await runChecks(CHECKS)
const tests = await runTests(process.argv.slice(2))

if (failedChecks.length > 0)
  say(`\nFailed before the tests: ${failedChecks.join(', ')}. Their output is above.`)
if (tests.skipped > 0) say(`\n${tests.skipped} skipped or not reached.`)
if (tests.exitCode !== 0 && tests.failed === 0)
  say(`\nThe test runner failed without a failing test; it counts as one.`)
const failed = tests.failed + failedChecks.length + (tests.exitCode !== 0 && tests.failed === 0 ? 1 : 0)
process.stdout.write(`\n${tests.passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0

/**
 * @param {string[]} args
 * @returns {Promise<{ exitCode: number, passed: number, failed: number, skipped: number }>}
 */
async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-test-'))
  const countsFile = join(folder, 'counts.json')
  const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'scripts/lib/count-reporter.mjs')}`]
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  try {
    const exitCode = await runInForeground(process.execPath, [vitest, 'run', ...reporters, ...args], {
      env: { ...process.env, PLINTH_TEST_COUNTS: countsFile },
    })
    return { exitCode, ...readCounts(countsFile) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} file
 * @returns {{ passed: number, failed: number, skipped: number }} zeros when the runner never came to its end
 */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}
