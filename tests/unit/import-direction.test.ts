import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findForbiddenImports } from '../../scripts/lib/import-direction.mjs'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plinth-imports-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function judge(file: string, source: string): string[] {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${source}\n`)
  return findForbiddenImports(root)
}

const forbidden = [
  ['server/src/platform/cache/index.ts', '../../contract/errors.ts', 'platform must not use contract'],
  ['server/src/platform/logger.ts', '../modules/tasks/index.ts', 'platform must not use modules'],
  ['server/src/platform/logger.ts', '../surfaces/trpc/index.ts', 'platform must not use surfaces'],
  ['server/src/platform/logger.ts', '../app.ts', 'platform must not use the top of the server'],
  ['server/src/contract/policy.ts', '../modules/tasks/index.ts', 'contract must not use modules'],
  ['server/src/contract/policy.ts', '../surfaces/trpc/index.ts', 'contract must not use surfaces'],
  ['server/src/contract/policy.ts', '../router.ts', 'contract must not use the top of the server'],
  ['server/src/modules/tasks/index.ts', '../../surfaces/trpc/index.ts', 'modules must not use surfaces'],
  ['server/src/modules/tasks/index.ts', '../../app.ts', 'modules must not use the top of the server'],
  ['server/src/modules/tasks/a.ts', '../projects/projects.service.ts', 'through its index.ts'],
  ['server/src/modules/tasks/deep/a.ts', '../../projects/projects.service.ts', 'through its index.ts'],
  ['server/src/surfaces/trpc/index.ts', '../../main.ts', 'surfaces must not use the top of the server'],
  ['client-sdk/src/index.ts', '../../server/src/contract/errors.ts', 'client-sdk must not use contract'],
  ['client-sdk/src/index.ts', '@plinth/server', 'client-sdk must not use the top of the server'],
  ['client-sdk/src/index.ts', '@plinth/server/src/app.ts', 'client-sdk must not use the top of the server'],
  ['examples/import/main.ts', '../../server/src/app.ts', 'examples must not use the top of the server'],
] as const

const allowed = [
  ['server/src/main.ts', './app.ts'],
  ['server/src/commands/seed.ts', '../modules/tasks/index.ts'],
  ['server/src/surfaces/trpc/index.ts', '../../contract/registry.ts'],
  ['server/src/modules/tasks/index.ts', '../../contract/policy.ts'],
  ['server/src/modules/tasks/a.ts', '../projects/index.ts'],
  ['server/src/modules/tasks/deep/a.ts', '../tasks.schema.ts'],
  ['server/src/contract/policy.ts', '../platform/clock.ts'],
  ['server/src/platform/database/client.ts', '../../../generated/prisma/client.ts'],
  ['client-sdk/src/index.ts', './client.ts'],
  ['examples/import/main.ts', '@plinth/client'],
] as const

describe('import direction', () => {
  it.each(forbidden)('refuses %s → %s', (file, specifier, rule) => {
    expect(judge(file, `import { x } from '${specifier}'`)).toEqual([
      expect.stringMatching(new RegExp(`^${file}: imports .*${rule}`)),
    ])
  })

  it.each(allowed)('accepts %s → %s', (file, specifier) => {
    expect(judge(file, `import { x } from '${specifier}'`)).toEqual([])
  })

  it.each([
    ["import type { X } from '../app.ts'"],
    ["import {\n  x,\n  type Y,\n} from '../app.ts'"],
    ["import '../app.ts'"],
    ["import * as app from '../app.ts'"],
    ["export * from '../app.ts'"],
    ["export { x } from '../app.ts'"],
    ["export type { X } from '../app.ts'"],
    ["const app = await import('../app.ts')"],
    ["type App = import('../app.ts').App"],
  ])('sees %s', (source) => {
    expect(judge('server/src/platform/a.ts', source)).toHaveLength(1)
  })

  it('does not take a comment for an import', () => {
    expect(
      judge('server/src/platform/a.ts', "// import { x } from '../app.ts'\n/** like import('../app.ts') */"),
    ).toEqual([])
  })
})
