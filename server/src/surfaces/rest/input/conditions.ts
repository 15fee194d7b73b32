import type { Request } from 'express'
import type { AppError } from '../../../contract/errors.ts'
import { issueAbout, refuseFields } from '../../../contract/pipeline/validate.ts'
import type { RestRoute } from '../route.ts'

const VERSION_TAG = /^"(0|[1-9]\d{0,9})"$/
const FORM = 'Give the version you saw in quotation marks, as ETag had it: "3".'

/** What `If-Match` asks for: the version that the row has to have. */
export interface Condition {
  /** Undefined where any will do. */
  readonly version: number | undefined
}

/**
 * Reads `If-Match`. A condition that cannot be kept is refused and not passed over: whoever sends it, or `If-None-Match`
 * with a change, believes to be safe (RFC 9110, §13.1.1 and §13.1.2).
 */
export function readCondition(
  req: Request,
  { versioned, method }: Pick<RestRoute, 'versioned' | 'method'>,
): Condition | AppError {
  const tag = req.get('if-match')?.trim()
  if (method === 'GET') return { version: undefined }
  if (req.get('if-none-match') !== undefined)
    return refused(
      'If-None-Match',
      'This operation knows no such condition; leave the header out.',
      undefined,
    )
  if (tag === undefined) return { version: undefined }
  if (!versioned)
    return refused('If-Match', 'This operation knows no versions; leave the header out.', undefined)
  // Any version, as long as there is a row; whether there is, the operation finds out.
  if (tag === '*') return { version: undefined }
  const [, version] = VERSION_TAG.exec(tag) ?? []
  return version === undefined ? refused('If-Match', FORM, tag) : { version: Number(version) }
}

function refused(header: string, message: string, tag: string | undefined): AppError {
  return refuseFields([issueAbout(header, message, tag)])
}

/** The `ETag` of a row with `version`. */
export function versionTag(version: number): string {
  return `"${version}"`
}
