import type { Change } from '../../../contract/unit-of-work.ts'
import { runEvent } from './run-topics.ts'
import { decideCalls, type RunRow, updateRun } from './runs.repository.ts'

/** How a run ends. */
export type RunEnd =
  | { readonly state: 'succeeded'; readonly result: string }
  | { readonly state: 'cancelled'; readonly code?: string; readonly message?: string }
  | { readonly state: 'failed'; readonly code: string; readonly message: string }

/** Ends a run that the transaction holds: state, last event, and calls that still wait are refused by nobody. */
export async function endRun(
  { db, emit }: Pick<Change, 'db' | 'emit'>,
  runId: string,
  end: RunEnd,
  now: Date,
): Promise<RunRow> {
  await decideCalls(db, { runId }, { state: 'refused', decidedAt: now, result: 'The run ended first.' })
  const result = end.state === 'succeeded' ? end.result : null
  const error = end.state === 'succeeded' ? {} : { errorCode: end.code ?? null, error: end.message ?? null }
  const row = await updateRun(db, runId, {
    state: end.state,
    result,
    ...error,
    finishedAt: now,
    waitingSince: null,
  })
  if (end.state === 'failed') emit(runEvent(runId, { type: 'error', code: end.code, message: end.message }))
  else emit(runEvent(runId, { type: 'finished', state: end.state, result }))
  return row
}
