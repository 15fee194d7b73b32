import type { z } from 'zod'
import { type AppError, type FieldIssue, fail } from '../errors.ts'

const MAX_ISSUES = 10
const MAX_VALUE_LENGTH = 100
/** Rather a name too many: a value that is not shown is no loss. */
const SECRET_FIELD = /pass|token|secret|key|code|credential|authori[sz]|cookie|bearer|otp|(?:^|\.)pin/i

/** Field issues of a failed zod parse: at most ten, each with the dotted path into `input`. */
export function validationError(error: z.core.$ZodError, input: unknown): AppError {
  return refuseFields(error.issues.slice(0, MAX_ISSUES).flatMap((issue) => fieldIssues(issue, input)))
}

/** The message of an error whose issues say all there is to say. */
export function describeIssues(issues: readonly FieldIssue[]): string {
  const fields = [...new Set(issues.map((issue) => issue.field))].filter((field) => field !== '')
  return fields.length === 0
    ? 'The input is not valid.'
    : `Not valid: ${fields.slice(0, 5).join(', ').slice(0, 200)}.`
}

function fieldIssues(issue: z.core.$ZodIssue, input: unknown): FieldIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, MAX_ISSUES)
      .map((key) => ({ field: dotted([...issue.path, key]), message: 'There is no such field.' }))
  }
  const field = dotted(issue.path)
  return [issueAbout(field, issue.message.slice(0, 300), valueAt(input, issue.path))]
}

/**
 * An issue that shows what was sent, cut short, unless it is or may be secret: by its name, or because it has none, as
 * what was sent instead of an object.
 */
export function issueAbout(field: string, message: string, value: unknown): FieldIssue {
  const shown = field === '' || SECRET_FIELD.test(field) ? undefined : showable(value)
  return { field, message, ...(shown === undefined ? {} : { value: shown }) }
}

/** A BAD_REQUEST about several fields, of which the first ten are told. */
export function refuseFields(issues: readonly FieldIssue[]): AppError {
  const told = issues.slice(0, MAX_ISSUES)
  return fail('BAD_REQUEST', { message: describeIssues(told), issues: told })
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part) => String(part).slice(0, 60))
    .join('.')
    .slice(0, 300)
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

function showable(value: unknown): FieldIssue['value'] | undefined {
  if (typeof value === 'string') return value.slice(0, MAX_VALUE_LENGTH)
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : undefined
}
