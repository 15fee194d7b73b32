import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

/** What the SDK may add to a page, minified and compressed, in kB. */
export const MAX_BUNDLE_KB = 15

/** What a page loads to call the server. */
export interface SdkBundle {
  /** Minified. */
  readonly code: string
  readonly gzipBytes: number
  /** What it is made of, before it is minified, the largest first. */
  readonly parts: readonly { readonly name: string; readonly characters: number }[]
}

const SDK = path.resolve(import.meta.dirname, '../../client-sdk/src/index.ts')

/** Bundles a page that makes a client, as a product would: `createClient` and what it needs. */
export async function bundleSdk(): Promise<SdkBundle> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plinth-bundle-'))
  try {
    const entry = path.join(folder, 'page.js')
    await writeFile(
      entry,
      `import { createClient } from ${JSON.stringify(SDK)}\nglobalThis.plinth = createClient({ baseUrl: '' })\n`,
    )
    const sizes = new Map<string, number>()
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
                sizes.set(part, (sizes.get(part) ?? 0) + (module.code?.length ?? 0))
              }
            }
          },
        },
      ],
    })
    const outputs = [result].flat().flatMap((one) => ('output' in one ? one.output : []))
    const code = outputs.flatMap((one) => (one.type === 'chunk' ? [one.code] : [])).join('\n')
    const parts = [...sizes].map(([name, characters]) => ({ name, characters }))
    parts.sort((a, b) => b.characters - a.characters)
    return { code, gzipBytes: gzipSync(code, { level: 9 }).length, parts }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function partOf(id: string): string {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(id)?.[1]
  return found ?? (id.includes('/client-sdk/src/') ? id.slice(id.indexOf('client-sdk/src/')) : 'other')
}
