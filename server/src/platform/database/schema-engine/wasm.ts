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
 * file as a module, which Node does only behind a flag. `onPanic` is told when a bug ends the engine.
 */
export async function loadSchemaEngine(
  onPanic: (message: string) => void,
): Promise<typeof bindings.SchemaEngine> {
  const glue = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = await readFile(fileURLToPath(glue.replace(/\.js$/, '.wasm')))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': { ...bindings } })
  // Where the engine leaves its last words; without the registry a panic shows as a TypeError about it.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: onPanic } })
  bindings.__wbg_set_wasm(instance.exports)
  if (typeof instance.exports.__wbindgen_start === 'function') instance.exports.__wbindgen_start()
  return bindings.SchemaEngine
}
