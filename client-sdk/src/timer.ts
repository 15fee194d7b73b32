/** Platforms fire at once when asked for more. About 25 days. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** Calls `work` after `ms` milliseconds, never when that is not a finite number. Returns what calls it off. */
export function startTimer(ms: number, work: () => void): () => void {
  if (!Number.isFinite(ms)) return () => {}
  const timer = setTimeout(work, Math.min(ms, MAX_TIMER_MS))
  return () => clearTimeout(timer)
}
