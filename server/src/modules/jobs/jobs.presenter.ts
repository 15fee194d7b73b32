import { isoOf } from '../../platform/pagination/moments.ts'
import type { JobRow } from './jobs.repository.ts'
import type { Job, JobUpdate } from './jobs.schema.ts'

/** A job as it leaves. */
export function presentJob(row: JobRow): Job {
  const { id, name, ownerId, createdAt, startedAt, finishedAt } = row
  return {
    id,
    name,
    ...presentUpdate(row),
    ownerId,
    createdAt: isoOf(createdAt),
    startedAt: startedAt === null ? null : isoOf(startedAt),
    finishedAt: finishedAt === null ? null : isoOf(finishedAt),
  }
}

/** What a job has come to, as those who follow it are told. */
export function presentUpdate(row: JobRow): JobUpdate {
  const { state, attempt, progressCurrent: current, progressTotal: total, error } = row
  return {
    state,
    attempt,
    ...(current === null || total === null ? {} : { progress: { current, total } }),
    ...(state === 'succeeded' ? { result: row.result } : {}),
    ...(error === null ? {} : { error: { message: error } }),
  }
}
