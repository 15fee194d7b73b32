import { threadTask } from '../../threads/thread-task.ts'
import { type NearestQuestion, type NearRow, nearestRows } from './nearest-rows.ts'

/** Compares vectors in a thread of its own. */
export default threadTask<NearestQuestion, NearRow[]>(nearestRows)
