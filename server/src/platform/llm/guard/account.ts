import type { WorkQueue } from '../../limits/index.ts'
import type { LlmOptions } from '../llm-options.ts'
import type { LlmAdapter } from '../provider-kind.ts'
import type { Breaker } from './breaker.ts'

/** What every call is held to. */
export type CallLimits = Pick<
  LlmOptions,
  'firstTokenTimeoutMs' | 'idleTimeoutMs' | 'totalTimeoutMs' | 'maxOutputTokens'
>

/** One account at one provider, and what all calls of it share. */
export interface GuardedAccount {
  readonly name: string
  /** Where it is, for telemetry. */
  readonly address: URL | undefined
  readonly adapter: LlmAdapter
  readonly limits: CallLimits
  readonly queue: WorkQueue
  readonly breaker: Breaker
}
