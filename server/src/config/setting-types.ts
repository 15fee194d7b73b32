import { z } from 'zod'

/** A whole number in decimal digits, from `min` to `max`. */
export const integer = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'give a whole number').transform(Number).pipe(z.int().min(min).max(max))

/** Items, comma-separated. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/** An address that matches `pattern`; `hint` says what to give. */
export const url = (pattern: RegExp, hint: string) => z.string().regex(pattern, hint).pipe(z.url(hint))
