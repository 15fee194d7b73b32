import { stringify } from 'csv-stringify/sync'
import type { ReportFigures } from './reports.schema.ts'

type Row = readonly [figure: string, of: string, id: string, value: number]

/**
 * The figures as a table that spreadsheets open: one figure a row. Names are people's own words, so what a spreadsheet
 * would run as a formula gets an apostrophe (OWASP, CSV injection).
 */
export function reportCsv(figures: ReportFigures): string {
  return stringify([['figure', 'of', 'id', 'value'], ...rowsOf(figures)], {
    bom: true,
    escape_formulas: true,
    record_delimiter: 'windows',
  })
}

function rowsOf(figures: ReportFigures): Row[] {
  const { byStatus, byPriority, byAssignee, byWeek, leadTime } = figures
  const assignees = (count: 'open' | 'overdue' | 'done') =>
    byAssignee.map((one): Row => [`${count} tasks by assignee`, one.name, one.userId ?? '', one[count]])
  return [
    ['tasks', '', '', figures.tasks],
    ['open tasks', '', '', figures.open],
    ['overdue tasks', '', '', figures.overdue],
    ['unassigned open tasks', '', '', figures.unassigned],
    ...Object.entries(byStatus).map(([status, tasks]): Row => ['tasks by status', status, '', tasks]),
    ...byPriority.map((tasks, priority): Row => ['tasks by priority', `${priority}`, '', tasks]),
    ...assignees('open'),
    ...assignees('overdue'),
    ...assignees('done'),
    ...byWeek.map(({ from, created }): Row => ['tasks created in week', from, '', created]),
    ...byWeek.map(({ from, completed }): Row => ['tasks completed in week', from, '', completed]),
    ...(leadTime === null
      ? []
      : ([
          ['lead time in hours', 'average', '', leadTime.averageHours],
          ['lead time in hours', 'median', '', leadTime.medianHours],
          ['lead time in hours', '90 percent within', '', leadTime.p90Hours],
        ] satisfies Row[])),
  ]
}
