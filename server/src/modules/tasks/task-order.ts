import type { Order } from '../../platform/pagination/keyset.ts'
import type { TaskRow } from './tasks.presenter.ts'
import type { TaskSort } from './tasks.schema.ts'

type SortField = 'createdAt' | 'updatedAt' | 'dueAt' | 'priority' | 'title'

const keys: Record<SortField, Pick<Order, 'key' | 'keyType' | 'nullable'>> = {
  createdAt: { key: 't.created_at', keyType: 'timestamptz', nullable: false },
  updatedAt: { key: 't.updated_at', keyType: 'timestamptz', nullable: false },
  dueAt: { key: 't.due_at', keyType: 'timestamptz', nullable: true },
  priority: { key: 't.priority', keyType: 'smallint', nullable: false },
  // As much of a title as fits into a cursor.
  title: { key: 'left(lower(t.title), 80)', keyType: 'text', nullable: false },
}

const fields: Record<TaskSort, SortField> = {
  createdAt: 'createdAt',
  '-createdAt': 'createdAt',
  updatedAt: 'updatedAt',
  '-updatedAt': 'updatedAt',
  dueAt: 'dueAt',
  '-dueAt': 'dueAt',
  priority: 'priority',
  '-priority': 'priority',
  title: 'title',
  '-title': 'title',
}

/** The order a sort stands for, over the table `t`. */
export function orderOf(sort: TaskSort): Order {
  return { ...keys[fields[sort]], descending: sort.startsWith('-'), id: 't.id' }
}

/** The same order over the columns of a page of rows that were read in it. */
export function orderOfPage(sort: TaskSort): Order {
  const field = fields[sort]
  const key = field === 'title' ? 'page."sortKey"' : `page."${field}"`
  return { ...orderOf(sort), key, id: 'page.id' }
}

/** A row of a list; `sortKey` is there when the key of the order is not a column. */
export type ListedTask = TaskRow & { readonly sortKey?: string }

/** The sort key of a row as cursors carry it. */
export function sortKeyOf(sort: TaskSort, row: ListedTask): string | null {
  const field = fields[sort]
  if (field === 'title') return row.sortKey ?? null
  const value = row[field]
  return value instanceof Date ? value.toISOString() : value === null ? null : String(value)
}
