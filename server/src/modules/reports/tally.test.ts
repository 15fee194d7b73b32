import { describe, expect, it } from 'vitest'
import { createLeadTimes } from './lead-times.ts'
import { reportCsv } from './report-csv.ts'
import { ReportFigures } from './reports.schema.ts'
import { type CountedTask, createTally } from './tally.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const DAY = 86_400_000
const HOUR = 3_600_000
const ADA = '00000000-0000-4000-8000-00000000000a'
const BOB = '00000000-0000-4000-8000-00000000000b'

const task = (given: Partial<CountedTask>): CountedTask => ({
  status: 'todo',
  priority: 0,
  assigneeId: null,
  dueAt: null,
  createdAt: NOW - DAY,
  completedAt: null,
  ...given,
})

function figuresOf(tasks: readonly CountedTask[]): ReportFigures {
  const tally = createTally(NOW)
  for (const one of tasks) tally.add(one)
  return ReportFigures.parse(tally.figures((id) => (id === ADA ? 'Ada' : '=HYPERLINK("http://evil.test")')))
}

describe('a tally', () => {
  it('of nothing has every figure and no lead time', () => {
    const figures = figuresOf([])
    expect(figures).toMatchObject({
      tasks: 0,
      open: 0,
      byAssignee: [],
      leadTime: null,
      byPriority: [0, 0, 0, 0, 0],
    })
    expect(figures.byWeek).toHaveLength(53)
  })

  it('counts by status, priority and person; overdue is what is open and due before now', () => {
    const figures = figuresOf([
      task({ assigneeId: ADA, dueAt: NOW - 1, priority: 4 }),
      task({ assigneeId: ADA, dueAt: NOW, status: 'doing' }),
      task({ assigneeId: ADA, dueAt: NOW - DAY, status: 'done', completedAt: NOW }),
      task({ assigneeId: BOB, priority: 4 }),
      task({ dueAt: NOW - DAY }),
    ])
    expect(figures).toMatchObject({
      tasks: 5,
      open: 4,
      overdue: 2,
      unassigned: 1,
      byStatus: { todo: 3, doing: 1, done: 1 },
      byPriority: [3, 0, 0, 0, 2],
      byAssignee: [
        { userId: ADA, name: 'Ada', open: 2, overdue: 1, done: 1 },
        { userId: BOB, open: 1, overdue: 0, done: 0 },
        { userId: null, name: 'Nobody', open: 1, overdue: 1, done: 0 },
      ],
    })
  })

  it('counts by week from Monday to Sunday, for a year', () => {
    const monday = Date.parse('2026-11-16T00:00:00Z')
    const { byWeek } = figuresOf([
      task({ createdAt: monday }),
      task({ createdAt: monday - 1, status: 'done', completedAt: monday + 3 * DAY }),
      task({ createdAt: NOW - 400 * DAY }),
    ])
    expect(byWeek.slice(-2)).toEqual([
      { from: '2026-11-09', created: 1, completed: 0 },
      { from: '2026-11-16', created: 1, completed: 1 },
    ])
    expect(byWeek[0]?.from).toBe('2025-11-17')
    expect(byWeek.reduce((sum, { created }) => sum + created, 0)).toBe(2)
  })

  it('knows lead times within 1 %, however many', () => {
    const times = createLeadTimes()
    for (let index = 1; index <= 100_000; index += 1) times.add(index * 0.01 * HOUR)
    const near = (found: number, right: number) => expect(Math.abs(found / right - 1)).toBeLessThan(0.0101)
    near(times.hoursOf(0.5), 500)
    near(times.hoursOf(0.9), 900)
    expect(times.averageHours()).toBeCloseTo(500.005, 3)
    const odd = createLeadTimes()
    for (const ms of [-5, 0, 400 * 365 * DAY]) odd.add(ms)
    expect(odd.count).toBe(3)
    expect(odd.hoursOf(0.5)).toBeLessThan(0.02)
  })
})

describe('the table', () => {
  it('has one figure a row, and no formula of anybody', () => {
    const csv = reportCsv(
      figuresOf([task({ assigneeId: BOB }), task({ assigneeId: ADA, status: 'done', completedAt: NOW })]),
    )
    const lines = csv.split('\r\n')
    expect(lines[0]).toBe('\ufefffigure,of,id,value')
    expect(lines).toContain('tasks,,,2')
    expect(lines).toContain('tasks by status,done,,1')
    expect(lines).toContain(`open tasks by assignee,"'=HYPERLINK(""http://evil.test"")",${BOB},1`)
    expect(lines).toContain('tasks completed in week,2026-11-16,,1')
    for (const start of ['=', '+', '-', '@', '\t']) {
      const figures = figuresOf([task({ assigneeId: ADA })])
      const renamed = {
        ...figures,
        byAssignee: figures.byAssignee.map((one) => ({ ...one, name: `${start}1+1` })),
      }
      expect(reportCsv(renamed)).toContain(`'${start}1+1`)
    }
  })
})
