import type { ContractRuntime } from '../../contract/call-context.ts'
import { canonicalJson } from '../../contract/canonical-json.ts'

/** A call that a person agrees to. */
export interface ConfirmedCall {
  readonly userId: string
  /** The tool's name. */
  readonly name: string
  /** Exactly what the model wants to send. */
  readonly input: unknown
  /** The idempotency key of the step it is for; none when the agreement itself is to be the key. */
  readonly step?: string | undefined
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
 * Agreements are MACs over who, what, for which step and until when. They are not stored, and each is good for one effect:
 * one for a step goes through with that step's idempotency key alone, one for no step is the idempotency key itself.
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

function textOf({ userId, name, input, step }: ConfirmedCall, until: number): string {
  return canonicalJson([userId, name, input, until, step ?? null])
}
