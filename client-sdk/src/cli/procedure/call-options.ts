import type { CallOptions } from '../../options.ts'
import type { Invocation } from './invocation.ts'

/** What the command line says about how to call. */
export function callOptions({ cli, flags }: Invocation): CallOptions {
  return {
    signal: cli.terminal.signal,
    timeoutMs: cli.flags.timeoutMs,
    idempotencyKey: flags.value('idempotency-key'),
  }
}
