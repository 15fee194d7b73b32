import type { z } from 'zod'
import { validationError } from '../../contract/pipeline/validate.ts'

/**
 * The arguments of one of our own tools.
 * @throws BAD_REQUEST with the fields that are wrong
 */
export function validated<T extends z.ZodType>(schema: T, args: unknown): z.output<T> {
  const { data, error } = schema.safeParse(args)
  if (error !== undefined) throw validationError(error, args)
  return data
}
