/** The states a job ends in. */
export const ENDED = `('succeeded', 'failed', 'cancelled', 'dead')`

/** What followers are told of a row of `jobs`, as SQL. */
const TOLD = `jsonb_strip_nulls(jsonb_build_object(
    'state', state, 'attempt', attempt,
    'error', CASE WHEN error IS NULL THEN NULL ELSE jsonb_build_object('message', error) END,
    'progress', CASE WHEN progress_current IS NULL THEN NULL
      ELSE jsonb_build_object('current', progress_current, 'total', progress_total) END
  )) || CASE WHEN state = 'succeeded' THEN jsonb_build_object('result', result) ELSE '{}' END`

/**
 * One statement that changes rows of `jobs` and appends the event of each: an update's row lock is what numbers a job's
 * events without gaps, so a job costs no row in `event_streams`.
 * @param set what to set, beside the revision
 * @param from where the values come from, named in `set` and `where`; `j` is the job
 * @param after CTEs that come before, for `from`
 * @param returning columns of the changed jobs, or of `among`
 * @param among what is answered, when that is more than `changed`
 */
export function changeJobs(parts: {
  readonly after?: string
  readonly set: string
  readonly from?: string
  readonly where: string
  readonly returning: string
  readonly among?: string
}): string {
  const { after, set, from, where, returning, among } = parts
  return `WITH ${after === undefined ? '' : `${after},`} changed AS (
      UPDATE jobs j SET revision = j.revision + 1, ${set}
      ${from === undefined ? '' : `FROM ${from}`} WHERE ${where} RETURNING j.*
    ), told AS (
      INSERT INTO events (stream, id, type, data) SELECT 'job:' || id, revision, 'changed', ${TOLD} FROM changed
    )
    SELECT ${returning} FROM ${among ?? 'changed'}`
}
