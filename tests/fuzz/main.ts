import { spawn } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { classNames, surfaceNames } from './model.ts'

const ROOT = path.join(import.meta.dirname, '../..')

/** `npm run fuzz -- [--inputs 200000] [--seed 7] [--class poison]… [--surface rest]… [--only 12]` */
function main(): void {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '200000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      class: { type: 'string', multiple: true, default: [] },
      surface: { type: 'string', multiple: true, default: [] },
      only: { type: 'string' },
    },
  })
  requireKnown('class', values.class, classNames)
  requireKnown('surface', values.surface, surfaceNames)
  const chosen = {
    FUZZ_INPUTS: values.inputs,
    FUZZ_SEED: values.seed,
    FUZZ_CLASSES: values.class.length === 0 ? undefined : values.class.join(),
    FUZZ_SURFACES: values.surface.length === 0 ? undefined : values.surface.join(),
    FUZZ_ONLY: values.only,
    FUZZ_LOUD: '1',
  }
  const env = {
    ...process.env,
    ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)),
  }
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', 'tests/fuzz/fuzz.test.ts'], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
  })
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

function requireKnown(option: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Error(`There is no ${option} ${unknown.join(', ')}. Use: ${known.join(', ')}.`)
}

main()
