import { randomUUID } from 'node:crypto'
import {
  ErrorCode,
  type EvaluationContext,
  type EvaluationDetails,
  type Logger as FeatureLogger,
  NOOP_PROVIDER,
  OpenFeature,
  type Provider,
} from '@openfeature/server-sdk'
import type { Logger } from '../logger.ts'

/** Decides flags: ours over the database, or that of any flag service OpenFeature knows. */
export type FlagProvider = Provider

/** The longest a provider may take to begin, and to answer; then flags are what the caller falls back on. */
const START_LIMIT_MS = 5_000
const ANSWER_LIMIT_MS = 1_000
/** A provider that is down would otherwise write a line per evaluation. */
const WARN_EVERY_MS = 60_000

/** Asks a provider for flags. Nothing it does wrong reaches the caller. */
export interface FlagClient {
  /** The name of the provider that decides. */
  readonly provider: string
  /** What the provider says of `flag`; `fallback` when it fails, is not ready, does not know the flag, or is too slow. */
  isOn(flag: string, context: EvaluationContext, fallback: boolean): Promise<boolean>
  /** Lets the provider connect. Never fails: flags fall back until it is ready. */
  start(): Promise<void>
  /** Lets the provider go. */
  close(): void
}

/** What {@link createFlagClient} needs. */
export interface FlagClientDeps {
  readonly provider: FlagProvider
  readonly logger: Pick<Logger, 'warn'>
  /** Milliseconds; see the constants for the defaults. */
  readonly limits?: { readonly startMs: number; readonly answerMs: number }
}

/** Builds the client. Does nothing before `start`. */
export function createFlagClient({ provider, logger, limits }: FlagClientDeps): FlagClient {
  const { startMs, answerMs } = limits ?? { startMs: START_LIMIT_MS, answerMs: ANSWER_LIMIT_MS }
  // OpenFeature has one registry per process; a domain of its own keeps two applications in it apart.
  const domain = `plinth-${randomUUID()}`
  const client = OpenFeature.getClient(domain).setLogger(SILENT)
  const providerName = provider.metadata.name
  let started = false
  let warnedAt = -WARN_EVERY_MS

  const warn = (problem: unknown): void => {
    const now = performance.now()
    if (now - warnedAt < WARN_EVERY_MS) return
    warnedAt = now
    logger.warn('The flag provider fails; flags are as the code declares them', {
      provider: providerName,
      problem,
    })
  }

  return {
    provider: providerName,
    async isOn(flag, context, fallback) {
      if (!started) return fallback
      const details = await within(answerMs, client.getBooleanDetails(flag, fallback, context))
      const problem = problemOf(details)
      if (problem !== undefined) warn(problem)
      return details?.value ?? fallback
    },
    async start() {
      started = true
      const ready = OpenFeature.setProviderAndWait(domain, provider).then(() => true)
      try {
        if ((await within(startMs, ready)) === undefined) warn('It was not ready in time')
      } catch (error) {
        warn(error)
      }
    },
    close() {
      if (!started) return
      started = false
      OpenFeature.setProvider(domain, NOOP_PROVIDER)
    },
  }
}

/** What went wrong with an evaluation; that a provider does not know a flag is nothing wrong. */
function problemOf(details: EvaluationDetails<boolean> | undefined): string | undefined {
  if (details === undefined) return 'It did not answer in time'
  if (details.errorCode === undefined || details.errorCode === ErrorCode.FLAG_NOT_FOUND) return undefined
  return `${details.errorCode}: ${details.errorMessage ?? ''}`
}

/** The value of `promise`, or undefined when it takes longer than `limitMs`. */
async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Failures are reported by {@link createFlagClient}, once. */
const SILENT: FeatureLogger = { error() {}, warn() {}, info() {}, debug() {} }
