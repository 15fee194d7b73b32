import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { registryOf } from '../contract/registry.ts'
import { printSdk } from '../surfaces/sdk/index.ts'
import { sdkVersion } from './contract/files.ts'
import { describeRouter } from './support/describe-router.ts'

const folder = path.join(import.meta.dirname, '../../../client-sdk/src/generated')

/** The files that are there now, by name. */
function present(): Map<string, string> {
  mkdirSync(folder, { recursive: true })
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]))
}

/** What differs between the files that are there and those that should be, one line each. */
function differences(wanted: Map<string, string>, found: Map<string, string>): string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])].sort().flatMap((name) => {
    const [want, have] = [wanted.get(name), found.get(name)]
    if (want === have) return []
    if (want === undefined) return [`${name}: nothing generates it any more`]
    return [have === undefined ? `${name}: missing` : `${name}: ${firstDifference(want, have)}`]
  })
}

function firstDifference(want: string, have: string): string {
  const there = have.split('\n')
  const lines = want.split('\n')
  const at = lines.findIndex((line, index) => line !== there[index])
  if (at === -1) return `ends with lines that are not generated, from line ${lines.length + 1}`
  return `line ${at + 1} is "${there[at] ?? ''}" and should be "${lines[at] ?? ''}"`
}

/** Writes `client-sdk/src/generated`; with `--check` it only says what would change, and exits 1 if anything would. */
const wanted = printSdk(registryOf(await describeRouter()), sdkVersion())
const found = present()
const lines = differences(wanted, found)
if (process.argv.includes('--check')) {
  for (const line of lines) process.stdout.write(`client-sdk/src/generated/${line}\n`)
  if (lines.length > 0) process.stdout.write('Run `npm run sdk:generate` and commit what changed.\n')
  process.exitCode = lines.length > 0 ? 1 : 0
} else {
  for (const name of found.keys()) if (!wanted.has(name)) rmSync(path.join(folder, name))
  for (const [name, content] of wanted) {
    if (found.get(name) !== content) writeFileSync(path.join(folder, name), content)
  }
  process.stdout.write(`Wrote ${wanted.size} files to client-sdk/src/generated.\n`)
}
