/** How a statement is shown: what it does, and its text without values. */
export interface StatementSummary {
  /** `SELECT tasks`, `BEGIN`. */
  readonly name: string
  /** `SELECT`; `OTHER` for what is not SQL's daily bread, so that a metric by operation stays small. */
  readonly operation: string
  readonly text: string
}

const MAX_TEXT = 2_000
const MAX_REMEMBERED = 1_000
const MAX_REMEMBERED_LENGTH = 4_000
const OPERATIONS = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'BEGIN', 'COMMIT', 'ROLLBACK', 'WITH'])
/** The first word; of a WITH that changes something, what it changes with first. */
const FIRST = /^\s*(?:WITH\s+\w+\s+AS\s*\(\s*(?=INSERT|UPDATE|DELETE))?(\w+)/i
const TARGET = /\b(?:FROM|INTO|UPDATE|JOIN)\s+(?:ONLY\s+)?"?(?:\w+"?\."?)?(\w+)"?/i
/**
 * `'…'` with doubled quotes, `$$…$$` (both also where the text was cut), and numbers that are no parameter (`$1`) and no
 * part of a name.
 */
const LITERAL = /'(?:[^']|'')*(?:'|$)|\$\$[\s\S]*?(?:\$\$|$)|(?<![\w$."])\d+(?:\.\d+)?\b/g

const known = new Map<string, StatementSummary>()

/** Sums a statement up. Our values are parameters, which are no part of the text; what others wrote into it is cut out. */
export function summarise(statement: string): StatementSummary {
  const remembered = known.get(statement)
  if (remembered !== undefined) return remembered
  const text = statement.slice(0, MAX_REMEMBERED_LENGTH).replace(LITERAL, '?')
  const first = FIRST.exec(text)?.[1]?.toUpperCase() ?? ''
  const operation = OPERATIONS.has(first) ? first : 'OTHER'
  const target = TARGET.exec(text)?.[1]
  const summary = {
    name: target === undefined ? first || operation : `${first} ${target}`,
    operation,
    text: text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_TEXT),
  }
  // Statements of varying length must not fill the memory; the others come early.
  if (known.size < MAX_REMEMBERED && statement.length <= MAX_REMEMBERED_LENGTH) known.set(statement, summary)
  return summary
}
