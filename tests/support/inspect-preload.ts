import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded into a server with `NODE_OPTIONS=--import`: on SIGUSR2 it collects garbage and prints what is left, as one line
 * `inspection {…}` with bytes.
 */
if (isMainThread) {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  process.on('SIGUSR2', () => {
    if (typeof collect !== 'function') return
    // The last resort also gives back the young generation, whose size would otherwise be by chance.
    for (let time = 0; time < 2; time += 1)
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    const { heapUsed, rss } = process.memoryUsage()
    process.stdout.write(`inspection ${JSON.stringify({ heapUsed, rss })}\n`)
  })
}
