export { addressKey } from './address-key.ts'
export { type Attempt, type AttemptLimiter, createAttemptLimiter } from './attempt-limiter.ts'
export { createCallLimiter } from './call-limiter.ts'
export { createWorkQueue, type WorkQueue, WorkQueueFullError } from './work-queue.ts'
