import { fail } from '../errors.ts'

/** How deep and how large an input may be, whatever its schema; checked before validation spends time on it. */
export const inputBounds = { depth: 20, nodes: 20_000 } as const

/**
 * Refuses inputs that only cost time: nested past 20 levels or of more than 20,000 values (1,000 tasks of 7 fields
 * have 8,001).
 * @param envelope levels around the input that are not its own
 * @throws BAD_REQUEST
 */
export function requireBounds(input: unknown, envelope = 0): void {
  let nodes = 0
  const visit = (value: unknown, depth: number): void => {
    nodes += 1
    if (nodes > inputBounds.nodes) throw fail('BAD_REQUEST', { message: 'The input has too many values.' })
    if (typeof value !== 'object' || value === null) return
    if (depth >= inputBounds.depth + envelope)
      throw fail('BAD_REQUEST', { message: 'The input is nested too deeply.' })
    const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
    for (const item of items) visit(item, depth + 1)
  }
  visit(input, 0)
}
