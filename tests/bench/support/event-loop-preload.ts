import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded into a server with `--import`: measures from inside how late its event loop is. Answers the message `reset`
 * by beginning anew, and `read` with the longest delay since then in milliseconds.
 */
const RESOLUTION_MS = 10

function measure(): void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  process.on('message', (message) => {
    if (message === 'reset') delays.reset()
    // The histogram holds the time between two ticks, not how late the second one was.
    if (message === 'read') process.send?.(Math.max(0, delays.max / 1e6 - RESOLUTION_MS))
  })
  // The channel to the bench must not keep a server alive that was told to stop.
  process.channel?.unref()
}

// Threads are given the same preloads; theirs is not the loop that answers calls.
if (isMainThread) measure()
