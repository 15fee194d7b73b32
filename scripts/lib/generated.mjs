import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './paths.mjs'
import { capture } from './processes.mjs'

/**
 * Everything in the repository that a program writes. A generator without `prints` writes its outputs itself.
 *
 * @type {{ script: string, outputs: string[], prints?: string }[]}
 */
const GENERATORS = [
  { script: 'server/src/commands/env-example.ts', outputs: ['.env.example'], prints: '.env.example' },
  {
    script: 'server/src/commands/generate-sdk.ts',
    outputs: ['client-sdk/src/generated/**', 'docs/reference/**'],
  },
  {
    script: 'server/src/commands/generate-served-versions.ts',
    outputs: ['server/src/contract/generated/**'],
    prints: 'server/src/contract/generated/served-versions.ts',
  },
  {
    script: 'server/src/commands/generate-openapi.ts',
    outputs: ['docs/reference/openapi.json'],
    prints: 'docs/reference/openapi.json',
  },
]

/**
 * Runs every generator.
 *
 * @returns {Promise<void>} throws with the generator's output when one fails
 */
export async function generate() {
  for (const { script, prints } of GENERATORS) {
    const { ok, output, stdout } = await capture(process.execPath, [script])
    if (!ok) throw new Error(`${script} failed:\n${output}`)
    if (prints !== undefined) writeFileSync(join(ROOT, prints), stdout)
  }
}

/**
 * Runs every generator, compares, and puts the files back as they were.
 *
 * @returns {Promise<string[]>} one line for each file that is missing, out of date or no longer generated
 */
export async function findStaleFiles() {
  const before = read()
  try {
    await generate()
    const after = read()
    const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
    return paths.flatMap((path) => describe(path, before.get(path), after.get(path)))
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  } finally {
    restore(before)
  }
}

/**
 * @param {string} path
 * @param {string | undefined} before
 * @param {string | undefined} after
 * @returns {string[]}
 */
function describe(path, before, after) {
  if (before === after) return []
  if (before === undefined) return [`${path}: missing`]
  return [after === undefined ? `${path}: nothing generates it any more` : `${path}: out of date`]
}

/** @returns {Map<string, string>} contents by path */
function read() {
  const files = GENERATORS.flatMap(({ outputs }) => globSync(outputs, { cwd: ROOT })).filter((path) =>
    statSync(join(ROOT, path)).isFile(),
  )
  return new Map(files.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))
}

/** @param {Map<string, string>} before */
function restore(before) {
  for (const path of read().keys()) if (!before.has(path)) rmSync(join(ROOT, path))
  for (const [path, content] of before) {
    const file = join(ROOT, path)
    if (existsSync(file) && readFileSync(file, 'utf8') === content) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
}
