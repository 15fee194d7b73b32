import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = path.join(import.meta.dirname, '../..')

/**
 * The oldest version that has no known hole or fault that matters here; "absent" where the package is not used and must
 * not come in older.
 */
const AT_LEAST: Readonly<Record<string, readonly [version: string, why: string]>> = {
  '@trpc/server': ['11.25.0', 'CVE-2025-68130 (form data), CVE-2025-43855; bad URL encoding is 400'],
  express: ['5.3.0', 'the line whose body-parser and qs are sound'],
  'body-parser': ['2.3.0', 'CVE-2026-12590: a bad limit switched the limit off'],
  qs: ['6.16.0', 'CVE-2025-15284, GHSA-w7fw-mjwx-w883, GHSA-x5fp-wj9c-mxmx: the array limit'],
  multer: ['2.5.0', 'seven advisories in 2025 and 2026'],
  '@modelcontextprotocol/sdk': ['1.26.0', 'CVE-2025-66414, CVE-2026-0621, CVE-2026-25536'],
  // 7.10.1 reports deadlocks as P2034. There is no client of that version; isRetryableConflict knows both spellings.
  '@prisma/client': ['7.10.0', 'errors of the driver adapters'],
  '@prisma/adapter-pg': ['7.10.0', 'errors of the driver adapters'],
  'pg-boss': ['12.30.0', 'jobs of killed workers come back'],
  jose: ['6.2.0', 'options of jwtVerify that we depend on'],
}

/** Versions that must not be used. */
const NEVER: readonly (readonly [name: string, version: string, why: string])[] = [
  ['pg-boss', '12.38.0', 'one of its own dependencies does not exist'],
]

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
})

/** Name and version of every package the lockfile would install. */
async function locked(): Promise<readonly (readonly [string, string])[]> {
  const text = await readFile(path.join(ROOT, 'pnpm-lock.yaml'), 'utf8')
  const packages = /\npackages:\n([\s\S]*?)\nsnapshots:\n/.exec(text)?.[1] ?? ''
  const found = [...packages.matchAll(/^ {2}'?((?:@[^/'\s]+\/)?[^@'\s]+)@([^:'\s]+)'?:$/gm)]
  return found.map(([, name = '', version = '']) => [name, version] as const)
}

/** Negative, 0 or positive, as `sort` wants it; a pre-release counts as its release. */
function compare(a: string, b: string): number {
  const numbers = (version: string) => version.split(/[.+-]/).slice(0, 3).map(Number)
  const [left, right] = [numbers(a), numbers(b)]
  const differs = left.findIndex((part, index) => part !== right[index])
  return differs === -1 ? 0 : (left[differs] ?? 0) - (right[differs] ?? 0)
}

describe('O5 dependencies', () => {
  test('the comparison of versions can tell them apart', () => {
    expect(compare('2.10.0', '2.9.9')).toBeGreaterThan(0)
    expect(compare('11.24.9', '11.25.0')).toBeLessThan(0)
    expect(compare('1.0.0', '1.0.0')).toBe(0)
  })

  test.each(['package.json', 'server/package.json', 'tests/package.json', 'client-sdk/package.json'])(
    '%s names exact versions only',
    async (file) => {
      const parsed = manifest.parse(JSON.parse(await readFile(path.join(ROOT, file), 'utf8')))
      const all = Object.values(parsed).flatMap((group) => Object.entries(group))
      expect(all.length).toBeGreaterThan(0)
      const exact = /^(?:\d+\.\d+\.\d+(?:-[\w.]+)?|workspace:\*|npm:(?:@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+)$/
      expect(all.filter(([, version]) => !exact.test(version))).toEqual([])
    },
  )

  test('every package of the lockfile carries a checksum', async () => {
    const text = await readFile(path.join(ROOT, 'pnpm-lock.yaml'), 'utf8')
    const checksums = [...text.matchAll(/^ {4}resolution: \{integrity: sha512-[\w+/=]{80,}/gm)].length
    expect((await locked()).length).toBeGreaterThan(100)
    expect(checksums).toBe((await locked()).length)
  })

  test.each(Object.entries(AT_LEAST))('%s is new enough', async (name, [least, why]) => {
    const versions = (await locked()).filter(([one]) => one === name).map(([, version]) => version)
    expect(
      versions.filter((version) => compare(version, least) < 0),
      why,
    ).toEqual([])
  })

  test('what is used is there, once, and nothing that must not be', async () => {
    const all = await locked()
    const count = (name: string) => all.filter(([one]) => one === name).length
    for (const name of ['@trpc/server', 'express', 'body-parser', 'qs', 'jose', 'pg-boss', '@prisma/client'])
      expect([name, count(name)]).toEqual([name, 1])
    expect(
      NEVER.filter(([name, version]) => all.some((one) => one[0] === name && one[1] === version)),
    ).toEqual([])
  })

  test('no package runs a script while it is installed', async () => {
    const text = await readFile(path.join(ROOT, 'pnpm-workspace.yaml'), 'utf8')
    const builds = /allowBuilds:\n((?: {2}.*\n?)+)/.exec(text)?.[1]?.trim().split('\n') ?? []
    expect(builds.length).toBeGreaterThan(0)
    expect(builds.filter((line) => !line.endsWith(': false'))).toEqual([])
  })
})
