import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import type { Bench, Report } from './bench.ts'
import { REPOSITORY } from './support/paths.ts'
import { rounded } from './support/statistics.ts'

const TARGET_KB = 15

/** What a page loads to call the server: `createClient` and what it needs, as a bundler leaves it. */
export const bundle: Bench = { summary: 'the SDK in a browser: minified, gzip', run }

async function run(): Promise<Report> {
  const modules = await bundled()
  const code = modules.reduce((sum, { code: one }) => sum + one.length, 0)
  const all = modules.find(({ name }) => name === '')
  const kb = rounded((all?.gzip ?? 0) / 1_000, 2)
  const parts = modules.filter(({ name }) => name !== '').sort((a, b) => b.code.length - a.code.length)
  return {
    tables: [
      {
        title: 'Where the bytes are, before gzip',
        columns: ['part', 'kB'],
        rows: [...parts.map((part) => [part.name, rounded(part.code.length / 1_000, 2)])],
      },
    ],
    targets: [
      { name: 'createClient', wanted: `at most ${TARGET_KB} kB`, measured: `${kb} kB`, met: kb <= TARGET_KB },
    ],
    data: { gzipKb: kb, code },
  }
}

interface Part {
  readonly name: string
  readonly code: string
  readonly gzip: number
}

/** The bundle (without a name) and, measured by themselves, the parts it is made of. */
async function bundled(): Promise<Part[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plinth-bundle-'))
  try {
    const entry = path.join(folder, 'page.js')
    const sdk = path.join(REPOSITORY, 'client-sdk/src/index.ts')
    await writeFile(
      entry,
      `import { createClient } from ${JSON.stringify(sdk)}\nglobalThis.plinth = createClient({ baseUrl: '' })\n`,
    )
    const sizes = new Map<string, string>()
    const result = await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      build: {
        write: false,
        minify: true,
        target: 'es2022',
        rollupOptions: { input: entry },
        modulePreload: false,
      },
      plugins: [
        {
          name: 'where-the-bytes-are',
          generateBundle(_options, files) {
            for (const file of Object.values(files)) {
              if (file.type !== 'chunk') continue
              for (const [id, module] of Object.entries(file.modules)) {
                const part = partOf(id)
                sizes.set(part, (sizes.get(part) ?? '') + (module.code ?? ''))
              }
            }
          },
        },
      ],
    })
    const outputs = [result].flat().flatMap((one) => ('output' in one ? one.output : []))
    const code = outputs.flatMap((one) => (one.type === 'chunk' ? [one.code] : [])).join('\n')
    const parts = [...sizes].map(([name, text]) => ({ name, code: text, gzip: gzipSync(text).length }))
    return [{ name: '', code, gzip: gzipSync(code, { level: 9 }).length }, ...parts]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function partOf(id: string): string {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(id)?.[1]
  return found ?? (id.includes('/client-sdk/src/') ? id.slice(id.indexOf('client-sdk/src/')) : 'other')
}
