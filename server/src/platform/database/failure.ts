/** What is known of a database failure, from whatever wrapped it. */
export interface DatabaseFailure {
  /** PostgreSQL's SQLSTATE. */
  readonly sqlState?: string
  /** Prisma's P-codes, or the operating system's (ECONNREFUSED). */
  readonly codes: ReadonlySet<string>
  /** The name of the violated constraint or unique index. */
  readonly constraint?: string
  /** Every message on the way down. */
  readonly messages: readonly string[]
}

const SQL_STATE = /^[0-9A-Z]{5}$/
const DEEPEST = 6

/** Prisma's P1001 and Node's EPIPE have five characters too; a state has a digit, and P1 and P2 are no classes of it. */
function isSqlState(code: string): boolean {
  return SQL_STATE.test(code) && /\d/.test(code) && !/^P[12]\d{3}$/.test(code)
}

/**
 * Reads an error of `pg`, of Prisma's driver adapter or of Prisma itself. They nest each other in `cause` and in
 * `meta.driverAdapterError`, and differ by where in a call the failure happened.
 */
export function readFailure(error: unknown): DatabaseFailure {
  const found: Found = { codes: new Set(), messages: [] }
  collect(error, found, 0)
  return found
}

interface Found {
  sqlState?: string
  codes: Set<string>
  constraint?: string
  messages: string[]
}

function collect(error: unknown, found: Found, depth: number): void {
  if (!(error instanceof Object) || depth > DEEPEST) return
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(error, name)
    return typeof value === 'string' ? value : undefined
  }
  for (const name of ['code', 'originalCode', 'kind']) {
    const code = text(name)
    if (code === undefined) continue
    if (isSqlState(code)) found.sqlState ??= code
    else found.codes.add(code)
  }
  const message = text('message')
  if (message !== undefined) found.messages.push(message)
  const constraint: unknown = Reflect.get(error, 'constraint')
  const name: unknown = constraint instanceof Object ? Reflect.get(constraint, 'index') : constraint
  if (typeof name === 'string') found.constraint ??= name
  const meta: unknown = Reflect.get(error, 'meta')
  if (meta instanceof Object) collect(Reflect.get(meta, 'driverAdapterError'), found, depth + 1)
  collect(Reflect.get(error, 'cause'), found, depth + 1)
}
