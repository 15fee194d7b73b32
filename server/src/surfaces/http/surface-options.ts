import type { AnyTRPCRouter } from '@trpc/server'
import type { ContractRuntime } from '../../contract/call-context.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import type { CookieOptions } from './cookies.ts'

/** What every surface over HTTP is made of. */
export interface SurfaceOptions {
  readonly router: AnyTRPCRouter
  /** The procedures of `router` as data. */
  readonly registry: readonly RegistryEntry[]
  readonly runtime: ContractRuntime
  readonly cookies: CookieOptions
  /** The origin of the public URL. */
  readonly ownOrigin: string
  /** The only hosts that are answered; undefined for all. */
  readonly allowedHosts: readonly string[] | undefined
  /** How long a subscription stays open at most, in milliseconds. */
  readonly streamMaxAgeMs: number
  /** The longest an upload may take to arrive. */
  readonly uploadTimeoutMs: number
}
