import type { AnswerHeaders, LimitState } from '../call-context.ts'
import { type LimitName, limits } from '../limits.ts'

/** What an answer says of the limits its calls were counted against; the calls of a batch share one answer. */
const shown = new WeakMap<AnswerHeaders, Map<LimitName, LimitState>>()

/**
 * Puts `state` into the `RateLimit` fields of the answer, beside other limits of the same batch
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).
 */
export function showLimit(headers: AnswerHeaders, name: LimitName, state: LimitState): void {
  const states = shown.get(headers) ?? new Map<LimitName, LimitState>()
  shown.set(headers, states)
  const before = states.get(name)
  // Calls of one batch are counted at once; the lowest number is where they end.
  if (before === undefined || state.remaining <= before.remaining) states.set(name, state)
  const entries = [...states]
  headers.set(
    'RateLimit-Policy',
    entries.map(([limit, { limit: q }]) => `"${limit}";q=${q};w=${limits[limit].seconds}`).join(', '),
  )
  headers.set(
    'RateLimit',
    entries
      .map(([limit, { remaining, resetMs }]) => `"${limit}";r=${remaining};t=${secondsUntil(resetMs)}`)
      .join(', '),
  )
}

/** Milliseconds as the seconds a caller is told to wait. */
export function secondsUntil(ms: number): number {
  return Math.ceil(ms / 1_000)
}
