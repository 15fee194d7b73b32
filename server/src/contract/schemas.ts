import { z } from 'zod'
import { named } from './json-schema.ts'

/** For procedures that take nothing. */
export const NoInput = z.void()

/** The id of any row: a UUID, in the one spelling that compares as text (RFC 9562, §4: lower case on output). */
export const Id = z.uuid('Give a UUID.').toLowerCase()

/** A moment, ISO 8601 in UTC with milliseconds, as answers carry it. */
export const Timestamp = z.iso.datetime()

/** A moment as callers give it: ISO 8601 with any offset, between the years 1 and 9999. */
export const TimestampInput = z.iso
  .datetime({ offset: true, error: 'Give an ISO 8601 date and time, for example 2026-11-21T10:00:00Z.' })
  .refine((text) => {
    const year = new Date(text).getUTCFullYear()
    return year >= 1 && year <= 9999
  }, 'Give a year between 1 and 9999.')

/** Text that Postgres can store as it came: well-formed Unicode without NUL. */
function storable(schema: z.ZodString) {
  return schema
    .refine((text) => text.isWellFormed(), 'The text is not valid Unicode (a lone surrogate).')
    .refine((text) => !text.includes('\0'), 'The text must not contain NUL characters.')
}

/** One line or more of text of `min`–`max` characters (UTF-16 units); not only white space when `min` ≥ 1. */
export function text(min: number, max: number) {
  const bounded = z.string().min(min).max(max)
  return storable(bounded).refine(
    (value) => min === 0 || value === '' || value.trim() !== '',
    'Give more than white space.',
  )
}

/** The text of a search. Wildcards are ordinary characters. */
export const SearchText = text(0, 200)

/** An amount of US dollars as answers carry it: a decimal text, so that nothing is lost. */
export const Dollars = z.string().meta({ description: 'US dollars, a decimal text.', examples: ['0.0125'] })

/** An amount of US dollars as callers give it. */
export const DollarsInput = z
  .string()
  .regex(/^\d{1,8}(\.\d{1,9})?$/, 'Give US dollars as a decimal text, for example "25".')
  .meta({ description: 'US dollars, a decimal text.', examples: ['25'] })

/** Which part of a list: `cursor` from the page before, or a `page` number from 1, not both. */
export const pageInput = {
  limit: z.int().min(1).max(100).default(20).describe('How many rows, 1–100.'),
  cursor: z
    .string()
    .max(500)
    .regex(/^[\w-]+$/, 'Give the nextCursor of the page before.')
    .optional()
    .describe('`nextCursor` of the page before. Stable while rows are added.'),
  page: z.int().min(1).max(10_000).optional().describe('A page number from 1; the answer then has `total`.'),
}

/** How a list goes on. */
const Pagination = named(
  'Pagination',
  'How a list goes on.',
  z.object({
    hasNext: z.boolean().meta({ examples: [false] }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ examples: [null] }),
    limit: z.int().meta({ examples: [20] }),
    total: z.int().optional().describe('All rows that match; only with `page`.'),
  }),
)

/** The answer of every list. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), pagination: Pagination })
}

/** Nothing to say but that it is done. */
export const Done = named('Done', 'The call is done.', z.object({ ok: z.literal(true) }))
