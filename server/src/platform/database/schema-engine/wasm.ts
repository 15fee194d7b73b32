import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'

/** The part of Node's own global that is used here; its types come only with those of a browser. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>
}

/**
 * The WebAssembly build of Prisma's schema engine, instantiated by hand: its own entry point imports the `.wasm`
 * file as a module, which Node does only behind a flag.
 */
export async function loadSchemaEngine(): Promise<typeof bindings.SchemaEngine> {
  const glue = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = await readFile(fileURLToPath(glue.replace(/\.js$/, '.wasm')))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': { ...bindings } })
  bindings.__wbg_set_wasm(instance.exports)
  if (typeof instance.exports.__wbindgen_start === 'function') instance.exports.__wbindgen_start()
  return bindings.SchemaEngine
}
