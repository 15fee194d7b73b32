/** Nobody is told to wait longer, whatever a provider asks for. */
const LONGEST_MS = 3_600_000

/** How long a provider asks to be left alone, in milliseconds (RFC 9110, and the finer `retry-after-ms`). */
export function retryAfterMs(
  headers: Readonly<Record<string, string>> | undefined,
  now: number,
): number | undefined {
  const exact = Number(headers?.['retry-after-ms'] ?? Number.NaN)
  if (exact > 0) return Math.min(LONGEST_MS, exact)
  const text = headers?.['retry-after'] ?? ''
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now
  return ms > 0 ? Math.min(LONGEST_MS, ms) : undefined
}
