import type { LoadRequest } from '../support/load.ts'
import { from } from '../support/people.ts'
import type { ServerProcess } from '../support/server-process.ts'
import type { Caller } from './population.ts'
import type { Wire, WireCall } from './wires/wire.ts'
import type { CallWork, Work } from './works.ts'

/** A server that is measured. */
export interface Peer {
  readonly name: string
  readonly wire: Wire
  /** Which users it can log in: those with a hash of Plinth's form (even numbers), or of the usual one (odd). */
  readonly passwords: 'peppered' | 'plain'
  /** Written to by nobody else, because it hears of what others write. */
  readonly ownDatabase?: true
  /** All that it can do, where that is not everything. */
  readonly only?: readonly Work[]
  /** A token for each of `callers`, in their order, that holds for an hour. */
  issueTokens(callers: readonly Caller[]): Promise<Tokens>
  /** What this machine lacks to run it; undefined when nothing. */
  missing?(): Promise<string | undefined>
  start(databaseUrl: string): Promise<ServerProcess>
}

/** A token for each caller, by number. */
export type Tokens = readonly string[]

/** A call as it is sent. */
export function requestOf(tokens: Tokens, caller: Caller, call: WireCall): LoadRequest {
  const { path, json, headers, anonymous } = call
  const token = tokens[caller.number] ?? ''
  return {
    path,
    headers: {
      ...from(caller),
      ...(anonymous === true ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
  }
}

/** One request for each caller that can make it; empty when the server has no such thing. */
export async function requestsOf(
  peer: Peer,
  work: CallWork,
  callers: readonly Caller[],
): Promise<LoadRequest[]> {
  const tokens = await peer.issueTokens(callers)
  return able(peer, work, callers).flatMap((caller) => {
    const call = peer.wire.call(work, caller)
    if (call === undefined) return []
    return addressesOf(work, caller).map((address) => requestOf(tokens, { ...caller, address }, call))
  })
}

/** Who pings is nobody but an address, and one address may not ping as often as a caller would have to. */
function addressesOf(work: CallWork, { address }: Caller): string[] {
  return work === 'ping'
    ? [10, 11, 12, 13].map((network) => address.replace(/^10/, String(network)))
    : [address]
}

/** Whether `work` is something that a server is measured at. */
export function does({ only }: Peer, work: Work): boolean {
  return only === undefined || only.includes(work)
}

/** Those of `callers` who can do this at this server. */
export function able(peer: Peer, work: CallWork, callers: readonly Caller[]): readonly Caller[] {
  if (!does(peer, work)) return []
  if (work !== 'login') return callers
  const rest = peer.passwords === 'peppered' ? 0 : 1
  return callers.filter(({ number }) => number % 2 === rest)
}
