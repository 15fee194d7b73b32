import { isMainThread } from 'node:worker_threads'
import type { MemoryReading } from './memory.ts'

/** Loaded into a server with `--import` and `--expose-gc`: answers `memory` with what is left after collecting. */
function answer(): void {
  process.on('message', (message) => {
    if (message !== 'memory') return
    // Twice: what finalisers let go of is collected the second time.
    globalThis.gc?.()
    globalThis.gc?.()
    const { rss, heapUsed, external } = process.memoryUsage()
    process.send?.({ rss, heapUsed, external } satisfies MemoryReading)
  })
  process.channel?.unref()
}

if (isMainThread) answer()
