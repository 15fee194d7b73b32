export { addressKey } from './address-key.ts'
export {
  type Attempt,
  type AttemptLimit,
  type AttemptLimiter,
  createAttemptLimiter,
} from './attempt-limiter.ts'
export { type CallLimit, type CallLimitState, createCallLimiter } from './call-limiter.ts'
export { createWorkQueue, type WorkQueue, WorkQueueFullError } from './work-queue.ts'
