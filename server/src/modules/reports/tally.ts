import { createLeadTimes } from './lead-times.ts'
import type { ReportFigures } from './reports.schema.ts'

/** What counts of a task. Moments are milliseconds since 1970. */
export interface CountedTask {
  readonly status: keyof ReportFigures['byStatus']
  readonly priority: number
  readonly assigneeId: string | null
  readonly dueAt: number | null
  readonly createdAt: number
  readonly completedAt: number | null
}

/** Counts tasks one by one. What it keeps grows with people, not with tasks. */
export interface Tally {
  add(task: CountedTask): void
  /** Everybody who was given a task. */
  assigneeIds(): string[]
  figures(nameOf: (userId: string) => string): ReportFigures
}

const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** The first Monday of 1970 was its fifth day. */
const FIRST_MONDAY_MS = 4 * DAY_MS
const WEEKS = 53
const NOBODY = ''

/** An empty tally of a project as it is at `now`. */
export function createTally(now: number): Tally {
  const byStatus = { todo: 0, doing: 0, done: 0 }
  const byPriority = [0, 0, 0, 0, 0]
  const byAssignee = new Map<string, { open: number; overdue: number; done: number }>()
  const firstWeek = weekOf(now) - (WEEKS - 1)
  const byWeek = Array.from({ length: WEEKS }, () => ({ created: 0, completed: 0 }))
  const leadTimes = createLeadTimes()
  let overdue = 0

  const seatOf = (assigneeId: string) => {
    const seat = byAssignee.get(assigneeId) ?? { open: 0, overdue: 0, done: 0 }
    byAssignee.set(assigneeId, seat)
    return seat
  }
  const inWeek = (moment: number) => byWeek[weekOf(moment) - firstWeek]

  return {
    add({ status, priority, assigneeId, dueAt, createdAt, completedAt }) {
      byStatus[status] += 1
      byPriority[priority] = (byPriority[priority] ?? 0) + 1
      const seat = seatOf(assigneeId ?? NOBODY)
      if (status === 'done') seat.done += 1
      else {
        seat.open += 1
        if (dueAt !== null && dueAt < now) {
          seat.overdue += 1
          overdue += 1
        }
      }
      const begun = inWeek(createdAt)
      if (begun !== undefined) begun.created += 1
      if (completedAt === null) return
      const ended = inWeek(completedAt)
      if (ended !== undefined) ended.completed += 1
      leadTimes.add(completedAt - createdAt)
    },
    assigneeIds: () => [...byAssignee.keys()].filter((id) => id !== NOBODY),
    figures(nameOf) {
      const open = byStatus.todo + byStatus.doing
      return {
        at: new Date(now).toISOString(),
        tasks: open + byStatus.done,
        open,
        overdue,
        unassigned: byAssignee.get(NOBODY)?.open ?? 0,
        byStatus,
        byPriority,
        byAssignee: [...byAssignee]
          .map(([id, counts]) =>
            id === NOBODY
              ? { userId: null, name: 'Nobody', ...counts }
              : { userId: id, name: nameOf(id), ...counts },
          )
          .sort((a, b) => b.open - a.open || b.done - a.done || (a.name < b.name ? -1 : 1)),
        byWeek: byWeek.map((counts, index) => ({ from: mondayOf(firstWeek + index), ...counts })),
        leadTime:
          leadTimes.count === 0
            ? null
            : {
                tasks: leadTimes.count,
                averageHours: rounded(leadTimes.averageHours()),
                medianHours: rounded(leadTimes.hoursOf(0.5)),
                p90Hours: rounded(leadTimes.hoursOf(0.9)),
              },
      }
    },
  }
}

function weekOf(moment: number): number {
  return Math.floor((moment - FIRST_MONDAY_MS) / WEEK_MS)
}

function mondayOf(week: number): string {
  return new Date(FIRST_MONDAY_MS + week * WEEK_MS).toISOString().slice(0, 10)
}

function rounded(hours: number): number {
  return Math.round(hours * 100) / 100
}
