import type { Task } from '@plinth/client'
import type { Row } from './csv.ts'

/**
 * Checks that every row's task is in `found` exactly once and says what the row says. The project may have other tasks.
 * Throws an Error that names the first lines that are wrong.
 */
export function compare(rows: readonly Row[], created: readonly Task[], found: readonly Task[]): void {
  const byId = Map.groupBy(found, (task) => task.id)
  const wrong = rows.flatMap((row, index) => {
    const copies = byId.get(created[index]?.id ?? '') ?? []
    const [task] = copies
    if (task === undefined) return [`line ${row.line} is missing`]
    if (copies.length > 1) return [`line ${row.line} is there ${copies.length} times`]
    const same = task.title === row.title && task.description === row.description
    return same ? [] : [`line ${row.line} is not what the file says`]
  })
  if (wrong.length > 0) throw new Error(`${wrong.length} rows are wrong: ${wrong.slice(0, 5).join('; ')}.`)
}
