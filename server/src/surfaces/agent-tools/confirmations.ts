import type { ContractRuntime } from '../../contract/call-context.ts'
import { canonicalJson } from '../../contract/canonical-json.ts'

/** A call that a person agrees to. */
export interface ConfirmedCall {
  readonly userId: string
  /** The tool's name. */
  readonly name: string
  /** Exactly what the model wants to send. */
  readonly input: unknown
}

/** Gives out agreements, and knows them again. */
export interface Confirmations {
  issue(call: ConfirmedCall): string
  /** What makes this agreement one call however often it is shown; undefined when it is none, or for another call. */
  check(call: ConfirmedCall, confirmation: string | undefined): string | undefined
}

const PURPOSE = 'agent-confirmation'
const HOLDS_MS = 10 * 60_000
const FORM = /^(\d{1,15})\.([\w-]{20,100})$/

/**
 * Agreements are MACs over who, what and until when. They are not stored. Shown twice without a step's own key, one is the
 * idempotency key of the same call, which then has one effect; steps with keys of their own each use it, until it ends.
 */
export function createConfirmations({
  secrets,
  clock,
}: Pick<ContractRuntime, 'secrets' | 'clock'>): Confirmations {
  return {
    issue(call) {
      const until = clock.now().getTime() + HOLDS_MS
      return `${until}.${secrets.mac(PURPOSE, textOf(call, until))}`
    },
    check(call, confirmation = '') {
      const [, until, mac] = FORM.exec(confirmation) ?? []
      if (until === undefined || mac === undefined || Number(until) < clock.now().getTime()) return undefined
      return secrets.verifyMac(PURPOSE, textOf(call, Number(until)), mac) ? `confirmed:${mac}` : undefined
    },
  }
}

function textOf({ userId, name, input }: ConfirmedCall, until: number): string {
  return canonicalJson([userId, name, input, until])
}
