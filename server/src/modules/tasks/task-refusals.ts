import type { Actor } from '../../contract/actor.ts'
import { type AppError, fail, failBecause, invalid } from '../../contract/errors.ts'
import type { Db } from '../../platform/database/index.ts'
import { refusal, whyRefused } from '../projects/index.ts'
import * as repository from './tasks.repository.ts'
import type { NewTask } from './tasks.schema.ts'

/** What an update asked for. */
interface AskedUpdate {
  readonly id: string
  readonly version?: number | undefined
  readonly assigneeId?: string | null | undefined
}

/** Why a task could not be changed: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, or the assignee. */
export async function whyNotUpdated(db: Db, actor: Actor, asked: AskedUpdate): Promise<AppError> {
  const { id, version, assigneeId } = asked
  const task = await repository.findTaskState(db, id, actor.userId)
  if (task === null) return fail('NOT_FOUND')
  const refused = actor.bypass === undefined ? refusal(task.role, 'editor') : undefined
  // Deleted tasks look like missing ones, but only to people who may know that there was one.
  if (refused?.code === 'NOT_FOUND' || task.deletedAt !== null) return fail('NOT_FOUND')
  if (refused !== undefined) return refused
  if (version !== undefined && task.version !== version) return failBecause('VERSION_CONFLICT')
  if (typeof assigneeId === 'string') {
    const members = await repository.membersAmong(db, task.projectId, [assigneeId])
    if (!members.has(assigneeId)) return notAMember('data.assigneeId', assigneeId)
  }
  // It changed between the update and this look at it.
  return failBecause('VERSION_CONFLICT')
}

/** Why tasks could not be created: NOT_FOUND, FORBIDDEN, or an assignee. `fieldOf` names the field of the nth task. */
export async function whyNotCreated(
  db: Db,
  actor: Actor,
  projectId: string,
  tasks: readonly NewTask[],
  fieldOf: (index: number) => string,
): Promise<AppError> {
  const refused = await whyRefused(db, actor, projectId, 'editor')
  if (refused !== undefined) return refused
  const wanted = tasks.flatMap((task) => task.assigneeId ?? [])
  const members = await repository.membersAmong(db, projectId, wanted)
  const index = tasks.findIndex(
    (task) => typeof task.assigneeId === 'string' && !members.has(task.assigneeId),
  )
  const assigneeId = tasks[index]?.assigneeId
  return typeof assigneeId === 'string' ? notAMember(fieldOf(index), assigneeId) : fail('NOT_FOUND')
}

function notAMember(field: string, userId: string): AppError {
  return invalid(field, 'Only members of the project can be given its tasks.', userId)
}
