/** How much of a log line's fields is kept. */
export interface FieldBounds {
  readonly text: number
  readonly depth: number
  readonly items: number
  readonly keys: number
}

/** What a line may carry as a rule. */
export const USUAL_BOUNDS: FieldBounds = { text: 2_000, depth: 6, items: 20, keys: 50 }
/** For the line that would be too long with the usual ones. */
export const TIGHT_BOUNDS: FieldBounds = { text: 300, depth: 3, items: 3, keys: 15 }

const SECRET_FIELD = /password|secret|token|authorization|cookie|apikey|^key$/i

/**
 * Credentials by their shape, wherever they stand in a text: JSON web tokens, our own tokens and keys and those of
 * providers, bearer headers, passwords in addresses, password hashes.
 */
const CREDENTIAL =
  /\beyJ[\w-]{10,}\.[\w-]+(?:\.[\w-]*)?|\b(?:p[a-z]{2}_|sk-)[\w-]{16,}|(?<=\bBearer )\S{8,}|(?<=:\/\/)[^\s/@:]*:[^\s/@]+(?=@)|\$2[aby]\$\d\d\$[\w./]{53}/g
const SHORTEST_CREDENTIAL = 10

/** `fields` as JSON values within `bounds`, without what is named like a secret or looks like one. */
export function redactedFields(fields: unknown, bounds: FieldBounds): Record<string, unknown> {
  const clean = redact(fields, '', 0, bounds)
  return typeof clean === 'object' && clean !== null ? { ...clean } : {}
}

/** `text` without credentials, at most `most` characters of it. */
export function redactedText(text: string, most: number): string {
  if (text.length < SHORTEST_CREDENTIAL) return text
  // More than is kept, so that no half of a credential remains at the cut.
  const masked = text.slice(0, most * 2).replace(CREDENTIAL, '[redacted]')
  return masked.length <= most && text.length <= most * 2
    ? masked
    : `${masked.slice(0, most)}… (${text.length} characters)`
}

function redact(value: unknown, name: string, depth: number, bounds: FieldBounds): unknown {
  if (SECRET_FIELD.test(name) && value !== undefined && value !== null) return '[redacted]'
  if (typeof value === 'string') return redactedText(value, bounds.text)
  if (value instanceof Error) return errorFields(value, depth, bounds)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth >= bounds.depth) return '[deep]'
  if (Array.isArray(value)) {
    return value.slice(0, bounds.items).map((item) => redact(item, '', depth + 1, bounds))
  }
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, bounds.keys)
      .map(([key, item]) => [redactedText(key, 100), redact(item, key, depth + 1, bounds)]),
  )
}

function errorFields(error: Error, depth: number, bounds: FieldBounds): Record<string, unknown> {
  return {
    name: error.name,
    message: redactedText(error.message, bounds.text),
    stack: redactedText(error.stack ?? '', bounds.text),
    ...(error.cause === undefined || depth >= bounds.depth
      ? {}
      : { cause: redact(error.cause, 'cause', depth + 1, bounds) }),
  }
}
