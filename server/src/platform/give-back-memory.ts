import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How often to look whether the process is idle; the first look is this long after the start. */
const LOOK_EVERY_MS = 1_000
/** Of a processor between two looks. Streams that are open and say nothing take none. */
const IDLE_MS = 50
/** After so many a process has been at work for a minute, and has use for what it holds. */
const MOST_LOOKS = 60

/**
 * Gives back what starting left behind, in the first second in which the process does next to nothing. While modules load,
 * V8's young generation grows to 128 MB, and only a last-resort collection makes it small again: an idle server then takes
 * 140 MB instead of 190. It grows again under load, which a limit on its size would not let it (docs/scaling.md).
 *
 * The collection blocks for 0.12 s; hence after the start, of which it was the tenth part, and not while there is work.
 */
export function giveBackMemoryWhenIdle(): void {
  let looks = 0
  let before = process.cpuUsage()
  const timer = setInterval(() => {
    looks += 1
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    const isIdle = (user + system) / 1_000 < IDLE_MS
    if (isIdle || looks === MOST_LOOKS) clearInterval(timer)
    if (isIdle) collect()
  }, LOOK_EVERY_MS)
  timer.unref()
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof gc === 'function') gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
