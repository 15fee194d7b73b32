import { createHash } from 'node:crypto'
import { type Client, isPlinthError, type Task, type TasksCreateManyInput } from '@plinth/client'
import { split } from './chunks.ts'
import type { Row } from './csv.ts'
import type { OnProgress } from './output.ts'
import { UsageError } from './usage-error.ts'

/** What was created: a task per row, in the order of the rows. */
export interface Imported {
  readonly tasks: Task[]
  readonly requests: number
}

/**
 * Creates a task for every row, `size` at a time. Each request has an idempotency key that depends on nothing but
 * where the chunk goes and what is in it: whoever sends it again (the SDK after a lost answer, a person who starts the
 * import once more) gets the tasks that are there already.
 */
export async function importTasks(
  client: Client,
  projectId: string,
  rows: readonly Row[],
  size: number,
  onProgress: OnProgress,
): Promise<Imported> {
  const created: Task[] = []
  const chunks = split(rows, size)
  for (const [index, chunk] of chunks.entries()) {
    const tasks = chunk.map(({ title, description }) => ({ title, description }))
    const idempotencyKey = keyOf(projectId, index, tasks)
    const answer = await client.tasks.createMany
      .mutate({ projectId, tasks }, { idempotencyKey })
      .catch((error: unknown) => {
        throw refusedRows(error, chunk) ?? error
      })
    created.push(...answer.data)
    onProgress(created.length, rows.length)
  }
  return { tasks: created, requests: chunks.length }
}

/** A key that depends on nothing but where the chunk goes and what is in it. */
export function keyOf(projectId: string, index: number, tasks: TasksCreateManyInput['tasks']): string {
  return `import-${createHash('sha256')
    .update(JSON.stringify([projectId, index, tasks]))
    .digest('hex')}`
}

/** The server names `tasks.<n>.<field>`; a person wants the line of the file. */
function refusedRows(error: unknown, chunk: readonly Row[]): UsageError | undefined {
  if (!isPlinthError(error)) return undefined
  const lines = error.issues.flatMap(({ field, message }) => {
    const [, index, name] = /^tasks\.(\d+)\.(\w+)$/.exec(field) ?? []
    const row = chunk[Number(index)]
    return row === undefined ? [] : [`  line ${row.line}, ${name}: ${message}`]
  })
  if (lines.length === 0) return undefined
  return new UsageError(
    [
      'The server refuses some rows:',
      ...lines,
      'Correct them and start again: nothing is imported twice.',
    ].join('\n'),
  )
}
