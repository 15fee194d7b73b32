import { writeFile } from 'node:fs/promises'
import type { Project, Task } from '@plinth/client'
import type { Row } from './csv.ts'
import type { Watch } from './watch.ts'

/** What a run leaves to look at. */
export interface Outcome {
  readonly project: Project
  readonly titleColumn: string
  readonly rows: readonly Row[]
  readonly created: readonly Task[]
  readonly watch: Watch
}

/** Writes which line became which task, and the events in the order in which they arrived. */
export async function writeReport(file: string, { project, titleColumn, rows, created, watch }: Outcome) {
  const tasks = rows.map((row, index) => ({ line: row.line, title: row.title, taskId: created[index]?.id }))
  const report = { projectId: project.id, slug: project.slug, titleColumn, tasks, events: watch.arrived }
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
}
