import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How often to look whether the server is idle; the first look is this long after the start. */
const LOOK_EVERY_MS = 1_000

/**
 * Gives back what starting left behind, at the first look at which `busy` is false. While modules load, V8's young
 * generation grows to 128 MB, and only a last-resort collection makes it small again: an idle server then takes 140 MB
 * instead of 190. It grows again under load, which a limit on its size would not let it (docs/scaling.md).
 *
 * The collection blocks for 0.15 s, the tenth part of a start; hence after it, and not while there are calls.
 */
export function giveBackMemoryWhenIdle(busy: () => boolean): void {
  const timer = setInterval(() => {
    if (busy()) return
    clearInterval(timer)
    collect()
  }, LOOK_EVERY_MS)
  timer.unref()
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof gc === 'function') gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
