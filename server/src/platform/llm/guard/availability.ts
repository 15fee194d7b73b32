import { untilAborted } from './abortable.ts'
import type { GuardedAccount } from './account.ts'

/** A provider that takes longer to say that it is there is as good as away. */
const PATIENCE_MS = 3_000
/** So long an answer is believed. */
const FRESH_MS = 10_000

/** Asks whether a provider is there: one question at a time, whoever asks, and not more often than is useful. */
export function createAvailability({ adapter, breaker }: GuardedAccount) {
  let known: { readonly answer: Promise<boolean>; readonly until: number } | undefined

  const ask = async (): Promise<boolean> => {
    const limit = AbortSignal.timeout(PATIENCE_MS)
    try {
      return await untilAborted(adapter.isAvailable(limit), limit)
    } catch {
      return false
    }
  }

  return async (signal: AbortSignal): Promise<boolean> => {
    if (breaker.openForMs() > 0) return false
    const now = performance.now()
    if (known === undefined || known.until < now) known = { answer: ask(), until: now + FRESH_MS }
    try {
      return await untilAborted(known.answer, signal)
    } catch {
      return false
    }
  }
}
