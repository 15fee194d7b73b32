import { parseArgs } from 'node:util'
import { registryOf } from '../contract/registry.ts'
import { releaseInChangelog } from './contract/changelog.ts'
import { compareContracts } from './contract/compare-contracts.ts'
import { describeContract } from './contract/describe-contract.ts'
import { isBreaking } from './contract/difference.ts'
import {
  readChangelog,
  releasedContract,
  sdkVersion,
  writeChangelog,
  writeContract,
} from './contract/files.ts'
import { printReport } from './contract/print-report.ts'
import { refusalOf, shortfallOf, withRelease } from './contract/release.ts'
import { describeRouter } from './support/describe-router.ts'

/**
 * Compares the contract of now with the last released one. With `--release` it becomes the released one, and the
 * changelog tells the differences; `--again` repeats the release of a version that nobody has installed yet.
 */
const { values } = parseArgs({
  options: { release: { type: 'boolean', default: false }, again: { type: 'boolean', default: false } },
})
const version = sdkVersion()
const was = releasedContract()
const is = describeContract(registryOf(await describeRouter()), version)
const differences = was === undefined ? [] : compareContracts(was, is)
const report = printReport(differences)
if (report !== '') say(report)
const problem = values.release
  ? refusalOf(was, version, differences, values.again)
  : was === undefined
    ? 'Nothing is released yet. The first release is `npm run contract:check -- --release`.'
    : shortfallOf(was, version, differences)
if (problem !== undefined) {
  say(`✗ ${problem}`)
  if (isBreaking(differences))
    say(
      `  Do it without breaking anyone, as said above (docs/contract.md), or raise the version. While nobody\n  can have installed ${was?.version}: npm run contract:check -- --release --again`,
    )
  process.exitCode = 1
} else if (values.release) {
  const date = new Date().toISOString().slice(0, 10)
  writeContract({ ...is, releases: withRelease(was, version, date, differences) })
  // Made again, its section is there: what came since goes under "Unreleased" by hand.
  if (!values.again) writeChangelog(releaseInChangelog(readChangelog(), { version, date, differences }))
  say(`✓ ${version} is written to client-sdk/contract.json${values.again ? '' : ' and CHANGELOG.md'}.`)
} else {
  const count = differences.length
  say(
    `✓ ${count === 0 ? 'nothing differs' : `${count} differences, and the version says enough,`} since ${was?.version}`,
  )
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
