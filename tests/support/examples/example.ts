import type { PrincipalName } from '../principals.ts'
import type { World } from '../world.ts'

/** A valid call. */
export interface Example {
  readonly input: unknown
  /** The token to call with where the input is about one session or user; else the caller's own. */
  readonly as?: string | undefined
}

/** Makes an input that is right in every way for `caller`, the weakest who is allowed or stronger. */
export type ExampleFactory = (world: World, caller: PrincipalName) => Promise<Example>
