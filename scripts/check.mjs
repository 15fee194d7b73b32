/** Runs the checks named by their titles, or all of them: `check.mjs ["types"] ["unused code"]`. */
import { CHECKS, runChecks } from './lib/checks.mjs'

const wanted = process.argv.slice(2)
const checks = wanted.length === 0 ? CHECKS : CHECKS.filter(({ title }) => wanted.includes(title))
const failed = await runChecks(checks)
process.exitCode = failed.length === 0 ? 0 : 1
