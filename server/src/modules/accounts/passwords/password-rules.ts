import { z } from 'zod'
import { type AppError, failBecause } from '../../../contract/errors.ts'
import { type PasswordOwner, weaknessOf } from '../../../platform/passwords/weakness.ts'

/** Code points of a new password. No rules of composition: NIST SP 800-63B-4, §3.1.1.2. */
const passwordLength = { min: 12, max: 128 } as const
/** UTF-16 units; longer is refused before anything is computed. */
const MAX_UNITS = 1_024
const codePoints = (text: string) => [...text.normalize('NFC')].length

/** A password to be set. Whether it is too easy to guess is decided by {@link refuseWeakPassword}. */
export const NewPasswordInput = z
  .string()
  .max(MAX_UNITS, `Give at most ${passwordLength.max} characters.`)
  .refine((text) => text.isWellFormed(), 'The text is not valid Unicode (a lone surrogate).')
  .refine((text) => codePoints(text) >= passwordLength.min, `Give at least ${passwordLength.min} characters.`)
  .refine((text) => codePoints(text) <= passwordLength.max, `Give at most ${passwordLength.max} characters.`)
  .meta({
    description: `${passwordLength.min} to ${passwordLength.max} characters of any kind; common ones are refused.`,
    examples: ['violet anchor 42 drizzle'],
  })

/** A password to be compared. */
export const PasswordInput = z
  .string()
  .min(1)
  .max(MAX_UNITS, `Give at most ${passwordLength.max} characters.`)
  .meta({ examples: ['tulip harbour 17 granite'] })

/**
 * @param field the input's field, for the issue
 * @throws BAD_REQUEST (PASSWORD_REFUSED) for a password that is among the first a guesser tries
 */
export function refuseWeakPassword(field: string, password: string, owner: PasswordOwner): void {
  const problem = weaknessOf(password, owner)
  if (problem !== undefined) throw refusal(field, problem)
}

function refusal(field: string, message: string): AppError {
  return failBecause('PASSWORD_REFUSED', {
    message: `Choose another password: ${message}`,
    issues: [{ field, message }],
  })
}
