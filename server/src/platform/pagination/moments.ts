import pg from 'pg'

/** A moment as Prisma reads it, or ISO 8601 in UTC with milliseconds as statements written by hand do. */
export type Moment = Date | string

/** A moment as it leaves. */
export function isoOf(moment: Moment): string {
  return typeof moment === 'string' ? moment : moment.toISOString()
}

const TIMESTAMPTZ = pg.types.builtins.TIMESTAMPTZ
const MISSING = ['.000Z', undefined, '00Z', '0Z', 'Z']

/**
 * Reads timestamps as ISO 8601 text. They only pass through: making a Date of each and text of it again took 2–4 µs,
 * and a list of 20 tasks has up to 60 of them.
 */
export const readAsIso: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === TIMESTAMPTZ ? isoFromPostgres : pg.types.getTypeParser(oid, format),
}

/** Postgres writes `2026-11-21 10:00:00.12+00` when the session's time zone is UTC, and other offsets when it is not. */
export function isoFromPostgres(text: string): string {
  const fraction = text.length - '2026-11-21 10:00:00+00'.length
  const rest = text.endsWith('+00') && text.charAt(10) === ' ' ? MISSING[fraction] : undefined
  if (rest !== undefined) return `${text.slice(0, 10)}T${text.slice(11, -3)}${rest}`
  const date: unknown = pg.types.getTypeParser(TIMESTAMPTZ, 'text')(text)
  if (date instanceof Date) return date.toISOString()
  throw new Error(`Not a moment: ${text}`)
}
