import type { AnswerHeaders, LimitState } from '../call-context.ts'
import { type LimitName, limits } from '../limits.ts'

/**
 * Puts `state` into the `RateLimit` fields of the answer, beside other limits of the same batch
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).
 */
export function showLimit(headers: AnswerHeaders, name: LimitName, state: LimitState): void {
  const { shownLimits: shown } = headers
  const before = shown?.get(name)
  // Calls of one batch are counted at once; the lowest number is where they end.
  const lowest = before === undefined || state.remaining <= before.remaining ? state : before
  shown?.set(name, lowest)
  let policies = ''
  let standings = ''
  for (const [limit, { limit: q, remaining, resetMs }] of shown ?? [[name, lowest] as const]) {
    const comma = policies === '' ? '' : ', '
    policies += `${comma}"${limit}";q=${q};w=${limits[limit].seconds}`
    standings += `${comma}"${limit}";r=${remaining};t=${secondsUntil(resetMs)}`
  }
  headers.set('RateLimit-Policy', policies)
  headers.set('RateLimit', standings)
}

/** Milliseconds as the seconds a caller is told to wait. */
export function secondsUntil(ms: number): number {
  return Math.ceil(ms / 1_000)
}
