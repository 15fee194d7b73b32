import type { CallLimiter, LimitState } from '../../server/src/contract/call-context.ts'
import type { TestServer } from './server.ts'

const STATE: LimitState = { allowed: true, limit: 1_000, remaining: 999, resetMs: 1_000 }
const UNLIMITED: CallLimiter = { take: async () => STATE, peek: async () => STATE }

/** Counting calls has tests of its own; where hundreds come from one user it would only slow them down. */
export function liftLimits(server: { readonly app: Pick<TestServer['app'], 'runtime'> }): void {
  Object.assign(server.app.runtime, { limiter: UNLIMITED })
}
