import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives back what starting left behind. While modules load, V8's young generation grows to 128 MB, and only a last-resort
 * collection makes it small again: an idle server then takes 140 MB instead of 190. It grows again under load, which a limit
 * on its size would not let it (docs/scaling.md). Blocks for 0.15 s, so call it before there are calls.
 */
export function giveBackMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
