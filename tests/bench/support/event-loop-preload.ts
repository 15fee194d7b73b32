import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import type { EventLoopReading } from './event-loop.ts'

/**
 * Loaded into a server with `--import`: measures from inside how late its event loop is. Answers the message `reset`
 * by beginning anew, and `read` with an {@link EventLoopReading} of the time since then.
 */
const RESOLUTION_MS = 10

function measure(): void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  let longestWorkMs = 0
  let before = threadMs()
  const tick = () => {
    const now = threadMs()
    longestWorkMs = Math.max(longestWorkMs, now - before)
    before = now
  }
  setInterval(tick, RESOLUTION_MS).unref()
  process.on('message', (message) => {
    if (message === 'reset') {
      delays.reset()
      longestWorkMs = 0
    }
    if (message !== 'read') return
    // The histogram holds the time between two ticks, not how late the second one was.
    const longestDelayMs = Math.max(0, delays.max / 1e6 - RESOLUTION_MS)
    process.send?.({ longestDelayMs, longestWorkMs } satisfies EventLoopReading)
  })
  // The channel to the bench must not keep a server alive that was told to stop.
  process.channel?.unref()
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

// Threads are given the same preloads; theirs is not the loop that answers calls.
if (isMainThread) measure()
