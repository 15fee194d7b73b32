import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')

/** Lints a text as if it stood at that path, with the repository's own configuration in a folder of its own. */
function lint(path: string, source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-lint-'))
  try {
    const config: Record<string, unknown> = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }))
    cpSync(join(root, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true })
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), `${source}\n`)
    const args = [biome, 'lint', '--error-on-warnings', '--colors=off', '.']
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    const rules = [...`${stdout}${stderr}`.matchAll(/lint\/\w+\/(\w+)|(A getter)/g)].map(
      (match) => match[1] ?? match[2],
    )
    return [...rules, status === 0 ? 'accepted' : 'refused'].join(' ')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('lint', () => {
  it.each([
    [
      'server/src/surfaces/a.ts',
      "import { initTRPC } from '@trpc/server'\n\nexport const t = initTRPC",
      'noRestrictedImports',
    ],
    ['server/src/platform/a.ts', 'export const port = process.env.PORT', 'noProcessEnv'],
    ['server/src/platform/a.ts', "console.log('here')", 'noConsole'],
    ['server/src/platform/a.ts', 'export const a: any = 1', 'noExplicitAny'],
    ['server/src/platform/a.ts', 'export const a = (b?: string) => b!.length', 'noNonNullAssertion'],
    [
      'server/src/platform/a.ts',
      "import { Socket } from 'node:net'\n\nexport type A = Socket",
      'useImportType',
    ],
    [
      'server/src/platform/a.ts',
      "import { connect } from 'node:net'\n\nexport const a = 1",
      'noUnusedImports',
    ],
    [
      'server/src/platform/a.ts',
      'async function work(): Promise<number> {\n  return await Promise.resolve(1)\n}\nexport function a(): void {\n  work()\n}',
      'noFloatingPromises',
    ],
    ['client-sdk/src/SomeFile.ts', 'export const a = 1', 'useFilenamingConvention'],
    [
      'server/src/contract/pipeline/a.ts',
      'export const a = {\n  get b() {\n    return 1\n  },\n}',
      'A getter',
    ],
  ])('in %s refuses %s', (path, source, rule) => {
    expect(lint(path, source)).toMatch(new RegExp(`\\b${rule}\\b.* refused$`))
  })

  it.each([
    ['server/src/contract/a.ts', "import { initTRPC } from '@trpc/server'\n\nexport const t = initTRPC"],
    ['server/src/config/a.ts', 'export const port = process.env.PORT'],
    ['server/src/commands/a.ts', "console.log('here')"],
    ['server/src/contract/pipeline/a.ts', 'export class A {\n  get b() {\n    return 1\n  }\n}'],
  ])('in %s accepts %s', (path, source) => {
    expect(lint(path, source)).toBe('accepted')
  })
})
