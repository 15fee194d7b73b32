import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import type { Bus } from '../platform/events/bus.ts'
import type { JobQueue } from '../platform/jobs/job-queue.ts'
import type { Logger } from '../platform/logger.ts'
import type { RequestContext } from '../platform/request-context.ts'
import type { Secrets } from '../platform/secrets/index.ts'
import type { Actor, Authenticator, Credentials } from './actor.ts'
import type { CredentialWatch } from './credential-watch.ts'
import type { LimitName } from './limits.ts'
import { authenticate } from './pipeline/authenticate.ts'
import type { StreamSlots } from './stream-slots.ts'
import type { UploadIntake, UploadSource } from './upload.ts'

/** Counts calls. Supplied by the platform; see `limits.ts` for the numbers. */
export interface CallLimiter {
  /** Takes one point of `limit` for `caller`. */
  take(limit: LimitName, caller: string): Promise<LimitState>
  /** Where `caller` stands, without taking a point. */
  peek(limit: LimitName, caller: string): Promise<LimitState>
}

/** Where a caller stands after a call was counted. */
export interface LimitState {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

/** What the pipeline needs of the rest of the server. */
export interface ContractRuntime {
  readonly authenticator: Authenticator
  readonly limiter: CallLimiter
  readonly streamSlots: StreamSlots
  readonly credentialWatch: CredentialWatch
  readonly database: Database
  readonly bus: Bus
  readonly jobs: JobQueue
  readonly uploads: UploadIntake
  readonly secrets: Secrets
  readonly clock: Clock
  readonly logger: Logger
}

/** What a call wants on its answer beside the body; surfaces that have no such thing ignore it. */
export interface AnswerHeaders {
  /** What the answer says of limits so far: the calls of a batch share one answer. */
  readonly shownLimits?: Map<LimitName, LimitState>
  set(name: string, value: string): void
}

/**
 * One call (or the calls of one batch) as a surface hands it to the pipeline. Knows nothing of HTTP beyond the headers
 * it may set, so that jobs, agents and tests make it by hand.
 */
export interface CallContext {
  readonly runtime: ContractRuntime
  readonly request: RequestContext
  readonly credentials: Credentials
  /** The caller sent the refresh token as a cookie and wants its successor the same way. */
  readonly cookies: CookieJar | undefined
  readonly idempotencyKey: string | undefined
  /** Why a super admin steps over membership rules on this call. */
  readonly bypassReason: string | undefined
  readonly batched: boolean
  /** The body of an upload, unread. */
  readonly upload: UploadSource | undefined
  readonly headers: AnswerHeaders
  /** Runs the mutations of one batch one after the other, in the order sent. */
  readonly inOrder: <T>(work: () => Promise<T>) => Promise<T>
  /** The actor, resolved once however many calls the batch has. */
  readonly resolveActor: () => Promise<Actor | null>
}

/** The cookies of cookie mode. Present only when the request passed the origin check. */
export interface CookieJar {
  readonly refreshToken: string | undefined
  /** The caller asked for cookie mode; a cookie can also be left over from somebody who did. */
  readonly requested: boolean
  setRefreshToken(token: string, maxAgeSeconds: number): void
  clearRefreshToken(): void
}

/** Everything {@link createCallContext} can be told; only `runtime` and `request` are required. */
export interface CallContextInit {
  readonly runtime: ContractRuntime
  readonly request: RequestContext
  readonly credentials?: Credentials
  /** Who calls, where that is known without credentials: an agent acts for a user. Asked once. */
  readonly actor?: () => Promise<Actor | null>
  readonly cookies?: CookieJar | undefined
  readonly idempotencyKey?: string | undefined
  readonly bypassReason?: string | undefined
  readonly batched?: boolean
  readonly upload?: UploadSource | undefined
  readonly headers?: AnswerHeaders
}

const NO_HEADERS: AnswerHeaders = { set() {} }

/** Makes the context of a call; surfaces, jobs and tests all come through here. */
export function createCallContext(init: CallContextInit): CallContext {
  const credentials = init.credentials ?? { bearer: undefined }
  const headers = init.headers ?? NO_HEADERS
  let actor: Promise<Actor | null> | undefined
  let last: Promise<unknown> = Promise.resolve()
  return {
    runtime: init.runtime,
    request: init.request,
    credentials,
    cookies: init.cookies,
    idempotencyKey: init.idempotencyKey,
    bypassReason: init.bypassReason,
    batched: init.batched ?? false,
    upload: init.upload,
    headers,
    inOrder(work) {
      const turn = last.then(work, work)
      last = turn
      return turn
    },
    resolveActor() {
      actor ??= init.actor?.() ?? authenticate(init.runtime, credentials, init.request, headers)
      return actor
    },
  }
}
