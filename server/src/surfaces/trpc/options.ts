import type { AnyTRPCRouter } from '@trpc/server'
import type { ContractRuntime } from '../../contract/call-context.ts'
import type { CookieOptions } from '../http/cookies.ts'

/** What the tRPC surface is made of. */
export interface TrpcSurfaceOptions {
  readonly router: AnyTRPCRouter
  readonly runtime: ContractRuntime
  readonly cookies: CookieOptions
  /** How long a subscription stays open at most, in milliseconds. */
  readonly streamMaxAgeMs: number
  /** The longest an upload may take to arrive. */
  readonly uploadTimeoutMs: number
}
