import { AppError, type FieldIssue } from '../../../contract/errors.ts'
import { describeIssues } from '../../../contract/pipeline/validate.ts'
import { isAsWritten } from '../input/as-written.ts'
import type { RestRoute } from '../route.ts'

/** An error of the pipeline in the words of REST. */
export type Renamer = (error: AppError) => AppError

/**
 * Says which fields an operation's errors are about as its caller wrote them: what a body holds without `data.` before
 * it, the version as `If-Match`. A version that is not the row's is a condition that does not hold (RFC 9110, §15.5.13).
 */
export function fieldRenamer(route: Pick<RestRoute, 'body' | 'versioned'>): Renamer {
  const { body, versioned } = route
  if (body !== 'data' && !versioned) return (error) => error
  const rename = (field: string): string => {
    if (versioned && field === 'version') return 'If-Match'
    if (body !== 'data') return field
    return field === 'data' ? '' : field.replace(/^data\./, '')
  }
  return (error) => {
    const isStale = versioned && error.reason === 'VERSION_CONFLICT'
    if (isAsWritten(error) || (!isStale && error.issues.length === 0)) return error
    const issues: FieldIssue[] = error.issues.map((issue) => ({ ...issue, field: rename(issue.field) }))
    const listed = error.issues.length > 0 && error.message === describeIssues(error.issues)
    return new AppError(isStale ? 'PRECONDITION_FAILED' : error.code, error.reason, {
      message: listed ? describeIssues(issues) : error.message,
      issues,
      cause: error,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    })
  }
}
