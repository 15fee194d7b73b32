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

/**
 * Adds `fields` to `line` as JSON values within `bounds`, without what is named like a secret or looks like one.
 * @returns `line`
 */
export function redactInto(
  line: Record<string, unknown>,
  fields: Readonly<Record<string, unknown>> | undefined,
  bounds: FieldBounds,
): Record<string, unknown> {
  return addRedacted(line, fields ?? {}, 0, bounds)
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

/** What was found out about the name of a field. */
interface JudgedName {
  /** As it stands in the line. */
  readonly shown: string
  readonly isSecret: boolean
}

/** Names of fields are few and come again with every line. */
const judged = new Map<string, JudgedName>()
const MAX_JUDGED = 1_000
const MOST_OF_NAME = 100

function judge(name: string): JudgedName {
  const known = judged.get(name)
  if (known !== undefined) return known
  const found = { shown: redactedText(name, MOST_OF_NAME), isSecret: SECRET_FIELD.test(name) }
  if (judged.size < MAX_JUDGED) judged.set(name, found)
  return found
}

function redact(value: unknown, depth: number, bounds: FieldBounds): unknown {
  if (typeof value === 'string') return redactedText(value, bounds.text)
  if (value instanceof Error) return errorFields(value, depth, bounds)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth >= bounds.depth) return '[deep]'
  if (Array.isArray(value)) {
    return value.slice(0, bounds.items).map((item) => redact(item, depth + 1, bounds))
  }
  return addRedacted({}, value, depth, bounds)
}

function addRedacted(
  line: Record<string, unknown>,
  fields: object,
  depth: number,
  bounds: FieldBounds,
): Record<string, unknown> {
  let left = bounds.keys
  for (const [key, item] of Object.entries(fields)) {
    if (left === 0) break
    // Assigned, it would be what the line inherits from.
    if (key === '__proto__') continue
    left -= 1
    const { shown, isSecret } = judge(key)
    const hidden = isSecret && item !== undefined && item !== null
    line[shown] = hidden ? '[redacted]' : redact(item, depth + 1, bounds)
  }
  return line
}

function errorFields(error: Error, depth: number, bounds: FieldBounds): Record<string, unknown> {
  return {
    name: error.name,
    message: redactedText(error.message, bounds.text),
    stack: redactedText(error.stack ?? '', bounds.text),
    ...(error.cause === undefined || depth >= bounds.depth
      ? {}
      : { cause: redact(error.cause, depth + 1, bounds) }),
  }
}
