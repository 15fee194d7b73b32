import type { KeyType, Position } from './cursor.ts'
import type { SqlValues } from './sql-values.ts'

/** The order of a list: one expression, ties broken by the id in the same direction. Rows without a key come last. */
export interface Order {
  /** An SQL expression written by us, never by a caller. */
  readonly key: string
  readonly keyType: KeyType
  readonly nullable: boolean
  readonly descending: boolean
  /** The SQL expression of the id. */
  readonly id: string
}

/** The text after ORDER BY. */
export function orderBy(order: Order): string {
  const direction = order.descending ? 'DESC' : 'ASC'
  const nulls = order.nullable ? ' NULLS LAST' : ''
  return `${comparable(order)} ${direction}${nulls}, ${order.id} ${direction}`
}

/** The condition "after this place in the order". */
export function isAfter(order: Order, position: Position, values: SqlValues): string {
  const sign = order.descending ? '<' : '>'
  const id = values.bind(position.id, 'uuid')
  if (position.key === null) return `(${order.key} IS NULL AND ${order.id} ${sign} ${id})`
  const beyond = `(${comparable(order)}, ${order.id}) ${sign} (${values.bind(position.key, order.keyType)}, ${id})`
  return order.nullable ? `(${beyond} OR ${order.key} IS NULL)` : beyond
}

/** Text is compared byte by byte: the same on every machine, whatever its locales. */
function comparable({ key, keyType }: Order): string {
  return keyType === 'text' ? `(${key}) COLLATE "C"` : key
}
