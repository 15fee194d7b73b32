import type { z } from 'zod'
import { type AppError, type FieldIssue, fail } from '../errors.ts'

const MAX_ISSUES = 10
const MAX_VALUE_LENGTH = 100
const SECRET_FIELD = /password|token|secret|key|code/i

/** Field issues of a failed zod parse: at most ten, each with the dotted path into `input`. */
export function validationError(error: z.core.$ZodError, input: unknown): AppError {
  const issues = error.issues.slice(0, MAX_ISSUES).flatMap((issue) => fieldIssues(issue, input))
  return fail('BAD_REQUEST', {
    message: issues.length === 0 ? 'The input is not valid.' : summary(issues),
    issues: issues.slice(0, MAX_ISSUES),
  })
}

function summary(issues: readonly FieldIssue[]): string {
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
  const value = valueAt(input, issue.path)
  const shown = SECRET_FIELD.test(field) ? undefined : showable(value)
  return [{ field, message: issue.message.slice(0, 300), ...(shown === undefined ? {} : { value: shown }) }]
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
