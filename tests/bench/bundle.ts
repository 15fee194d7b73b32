import { bundleSdk, MAX_BUNDLE_KB } from '../support/sdk-bundle.ts'
import type { Bench, Report } from './bench.ts'
import { rounded } from './support/statistics.ts'

/** What a page loads to call the server: `createClient` and what it needs, as a bundler leaves it. */
export const bundle: Bench = { summary: 'the SDK in a browser: minified, gzip', run }

async function run(): Promise<Report> {
  const { code, gzipBytes, parts } = await bundleSdk()
  const kb = rounded(gzipBytes / 1_000, 2)
  return {
    tables: [
      {
        title: 'Where the bytes are, before gzip',
        columns: ['part', 'kB'],
        rows: parts.map(({ name, characters }) => [name, rounded(characters / 1_000, 2)]),
      },
    ],
    targets: [
      {
        name: 'createClient',
        wanted: `at most ${MAX_BUNDLE_KB} kB`,
        measured: `${kb} kB`,
        met: kb <= MAX_BUNDLE_KB,
      },
    ],
    data: { gzipKb: kb, code: code.length },
  }
}
