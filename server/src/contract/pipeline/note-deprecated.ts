import { counter } from '../../platform/telemetry/index.ts'
import type { CallContext, ContractRuntime } from '../call-context.ts'
import { versionLabel } from '../client-version.ts'
import { type Deprecation, deprecationHeaders } from '../deprecation.ts'

const calls = counter({
  name: 'plinth.calls.deprecated',
  description: 'Calls of deprecated procedures, by the version of the client that made them',
  unit: '{call}',
})

/** What it uses of a call's context. */
type NotedCall = Pick<CallContext, 'request' | 'headers' | 'batched'> & {
  readonly runtime: Pick<ContractRuntime, 'logger'>
}

/** Procedure, version and surface that were logged: one line each tells an operator who is left. */
const logged = new Set<string>()

/** Counts a call of a procedure that goes away, says so in the log once per kind of caller, and in the answer's headers. */
export function noteDeprecated(deprecated: Deprecation | undefined, path: string, context: NotedCall): void {
  if (deprecated === undefined) return
  const { surface, contract } = context.request
  const version = versionLabel(contract)
  calls.add(1, { 'rpc.method': path, 'plinth.client.version': version, 'plinth.surface': surface })
  const caller = `${path} ${version} ${surface}`
  if (!logged.has(caller)) {
    logged.add(caller)
    const fields = {
      procedure: path,
      use: deprecated.use,
      sunset: deprecated.sunset,
      clientVersion: version,
      surface,
    }
    context.runtime.logger.warn('deprecated procedure called', fields)
  }
  // Headers are about a whole answer: that of a batch, or of a tool's protocol, has more in it.
  if (context.batched || (surface !== 'trpc' && surface !== 'cli')) return
  const headers = deprecationHeaders({ policy: { deprecated } })
  for (const [name, value] of Object.entries(headers)) context.headers.set(name, value)
}
