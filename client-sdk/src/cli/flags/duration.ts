import { UsageError } from '../usage-error.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A time such as `500ms`, `30s`, `5m` or `1h` in milliseconds; a plain number is seconds. @throws UsageError */
export function parseDuration(flag: string, text: string): number {
  const [, amount = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Number.parseFloat(amount) * (UNITS[unit] ?? 1)
  if (Number.isFinite(ms) && ms > 0) return ms
  throw new UsageError(`--${flag} is a time such as 500ms, 30s or 5m; not “${text}”.`)
}

/** A whole number from `min`. @throws UsageError */
export function parseCount(flag: string, text: string, min: number): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (count >= min) return count
  throw new UsageError(`--${flag} is a whole number from ${min}; not “${text}”.`)
}
