import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { type StoredText, storedText } from '../http/stored-text.ts'

/** The files of the page. Their names carry their hash, so that a browser keeps them until they change. */
export interface Assets {
  readonly byName: ReadonlyMap<string, StoredText>
  /** The page's own script and style, and the renderer. */
  readonly script: string
  readonly style: string
  readonly renderer: string
}

let loaded: Promise<Assets> | undefined

/** Read when the page is first asked for, and kept: 5.5 MB that a server without docs does not spend. */
export function assets(): Promise<Assets> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined
    throw error
  })
  return loaded
}

async function load(): Promise<Assets> {
  const own = path.join(import.meta.dirname, 'browser')
  // One file with all that it needs in it. The package's other files, source maps among them, are not served.
  const packed = path.dirname(createRequire(import.meta.url).resolve('@scalar/api-reference'))
  const [script, style, renderer] = await Promise.all([
    read(path.join(own, 'docs.js'), 'text/javascript'),
    read(path.join(own, 'docs.css'), 'text/css'),
    read(path.join(packed, 'browser/standalone.js'), 'text/javascript'),
  ])
  const names = {
    script: `docs-${script.hash}.js`,
    style: `docs-${style.hash}.css`,
    renderer: `scalar-${renderer.hash}.js`,
  }
  return {
    ...names,
    byName: new Map([
      [names.script, script],
      [names.style, style],
      [names.renderer, renderer],
    ]),
  }
}

async function read(file: string, type: string): Promise<StoredText> {
  return storedText(type, await readFile(file))
}
