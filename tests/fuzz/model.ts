import type { RegistryEntry } from '../../server/src/contract/registry.ts'
import type { Random } from '../faults/random.ts'
import type { RawTargets } from './classes/odd-requests.ts'
import type { InputField } from './schema/fields.ts'

/** The doors a procedure is tried on. */
export const surfaceNames = ['trpc', 'rest', 'mcp'] as const
export type SurfaceName = (typeof surfaceNames)[number]

/** Kinds of bad input, each with a generator of its own in `classes/`. */
export const classNames = [
  'regressions',
  'types',
  'operators',
  'poison',
  'naughty',
  'schema-valid',
  'schema-wrong',
  'pollution',
  'amplification',
  'json',
  'envelopes',
  'auth-headers',
  'multipart',
  'sockets',
] as const
export type ClassName = (typeof classNames)[number]

/** Who calls: nobody, the weakest who is let in, or somebody else with an account. */
export type Caller = 'anonymous' | 'allowed' | 'other'

/** A request as it is sent. */
export interface WireRequest {
  readonly method: string
  /** Path and query string. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer | undefined
}

/** What came back. */
export interface WireAnswer {
  /** 0 when nothing came. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly sentBytes: number
  readonly ms: number
  readonly failure?: 'hang' | 'cut'
}

/** An answer as its surface means it. */
export interface Reading {
  /** The status the answer stands for, also where the surface carries errors in a 200. */
  readonly status: number
  readonly ok: boolean
  readonly data: unknown
  readonly reason: string | undefined
  /** The fields that were named. */
  readonly fields: readonly string[]
  /** What is wrong with the envelope. */
  readonly malformed?: string
}

/** A call as a door writes it. */
export interface Encoded {
  readonly request: WireRequest
  /** What the server gets to see, where that is not quite the input. */
  readonly meant?: unknown
  /** The request cannot even be decoded, so that no field can be named. */
  readonly undecodable?: true
}

/** One door: how a call is written on it and how its answers read. */
export interface Surface {
  readonly name: SurfaceName
  /** The procedures it serves. */
  readonly entries: readonly RegistryEntry[]
  /** A call, or undefined where this door has no way to write such an input. */
  encode(entry: RegistryEntry, input: unknown, token: string | undefined): Encoded | undefined
  read(entry: RegistryEntry | undefined, answer: WireAnswer): Reading
  /** Ways to send a text as JSON. */
  jsonDoors?(token: string): readonly ((text: Buffer) => WireRequest)[]
  /** Requests that only somebody with a credential is let in with, without one. */
  guarded?(): readonly WireRequest[]
  /** Requests that a form can be the body of, where one belongs and where not. */
  uploads?(token: string): readonly WireRequest[]
  /** Targets for requests that are made by hand. */
  rawTargets?(): readonly RawTargets[]
  /** Requests that are wrong in this surface's own ways. */
  envelopes?(draw: EnvelopeDraw): readonly Omit<WireTrial, 'kind' | 'class'>[]
}

/** What the requests of {@link Surface.envelopes} are made from. */
export interface EnvelopeDraw {
  readonly quota: number
  readonly random: Random
  readonly target: { readonly token: string }
}

/** What an input should come to. `refused`: 400, by the name of its field. `valid`: anything but that. */
export type Want = 'refused' | 'valid' | 'either'

/** A call with one input. */
export interface InputTrial {
  readonly kind: 'input'
  readonly class: ClassName
  readonly entry: RegistryEntry
  readonly caller: Caller
  readonly want: Want
  /** Which field is not as in a valid call. */
  readonly place: Pick<InputField, 'path' | 'name' | 'kind'> | undefined
  readonly input: unknown
  readonly token: string | undefined
}

/** A request that is no proper call. */
export interface WireTrial {
  readonly kind: 'wire'
  readonly class: ClassName
  readonly label: string
  /** Bytes go to a socket as they are. */
  readonly request: WireRequest | Buffer
  /** Statuses that are right; anything below 500 unless told. */
  readonly statuses?: readonly number[]
}

/** One thing to try. */
export type Trial = InputTrial | WireTrial

/** What must never happen. */
export const badNames = [
  'serverErrors',
  'crashes',
  'hangs',
  'leaks',
  'wrongAccepts',
  'wrongRejects',
  'unnamed',
  'changed',
  'malformed',
  'effects',
  'amplified',
  'errorLines',
  'polluted',
] as const
export type BadName = (typeof badNames)[number]

/** Something that must not have happened. */
export interface Finding {
  readonly bad: BadName
  readonly surface: SurfaceName
  readonly trial: Trial
  /** Its place among those of its class and surface. */
  readonly index: number
  readonly why: string
}
