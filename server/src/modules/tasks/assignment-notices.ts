import type { Actor } from '../../contract/actor.ts'
import type { Change } from '../../contract/unit-of-work.ts'
import { type NewNotification, notify } from '../notifications/index.ts'
import type { Task } from './tasks.schema.ts'

/** Titles that one notification lists. */
const LISTED = 10

/** Whether {@link tellAssignees} has somebody to tell of it. */
export function isForSomebodyElse(actor: Actor, { assigneeId }: Pick<Task, 'assigneeId'>): boolean {
  return assigneeId !== null && assigneeId !== actor.userId
}

/**
 * Tells people, in the app, which tasks somebody else just gave them: one notification each, however many tasks. All of
 * `tasks` belong to one project.
 */
export async function tellAssignees(
  change: Pick<Change, 'db' | 'emit'>,
  actor: Actor,
  tasks: readonly Task[],
  now: Date,
): Promise<void> {
  const given = Map.groupBy(tasks, (task) => task.assigneeId)
  const notices: NewNotification[] = []
  for (const [userId, theirs] of given) {
    const [first] = theirs
    if (userId === null || userId === actor.userId || first === undefined) continue
    notices.push({
      userId,
      senderId: actor.userId,
      ...(theirs.length === 1 ? one(first) : many(theirs, first)),
    })
  }
  await notify(change, notices, now)
}

function one({ id, title }: Task) {
  return {
    kind: 'task.assigned',
    subject: 'You were given a task',
    body: title,
    target: { type: 'task', id },
  }
}

function many(tasks: readonly Task[], { projectId }: Task) {
  const titles = tasks.slice(0, LISTED).map((task) => task.title)
  const rest = tasks.length - titles.length
  return {
    kind: 'tasks.assigned',
    subject: `You were given ${tasks.length} tasks`,
    body: [...titles, ...(rest === 0 ? [] : [`and ${rest} more`])].join('\n'),
    target: { type: 'project', id: projectId },
  }
}
