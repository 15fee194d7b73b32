import { type RegistryEntry, registryOf } from '../../../server/src/contract/registry.ts'
import type { Example } from '../../support/examples/example.ts'
import { examples } from '../../support/examples/index.ts'
import { mountedPaths } from '../../support/mounted-paths.ts'
import { weakestAllowed } from '../../support/principals.ts'
import { openSurfaces, type Surface } from '../../support/surfaces/index.ts'
import { createRecorder, type Recorder } from '../../support/surfaces/recorder.ts'
import { createWorld, type World } from '../../support/world.ts'

/** One server, somebody of every kind, and every way of calling it. */
export interface Parity extends AsyncDisposable {
  readonly world: World
  readonly registry: readonly RegistryEntry[]
  readonly surfaces: readonly Surface[]
  readonly recorder: Recorder
  /** What the HTTP server has mounted. */
  readonly mounted: readonly string[]
}

/** How many calls are under way at once. */
export const WIDTH = 8

/** Starts the server and opens every surface. */
export async function openParity(): Promise<Parity> {
  const recorder = createRecorder()
  const { result: world, mounted } = await mountedPaths(() =>
    createWorld({ MAX_STREAMS_PER_USER: '100' }, { logger: recorder.logger }),
  )
  recorder.attach(world.server)
  const registry = registryOf(world.server.app.router)
  const surfaces = await openSurfaces(world, registry)
  return {
    world,
    registry,
    surfaces,
    recorder,
    mounted,
    async [Symbol.asyncDispose]() {
      for (const surface of surfaces) await surface[Symbol.asyncDispose]()
      await world[Symbol.asyncDispose]()
    },
  }
}

/** The surfaces that serve `entry`, the reference first. */
export function surfacesOf({ surfaces }: Parity, entry: RegistryEntry): [Surface, ...Surface[]] {
  const [first, ...others] = surfaces.filter((surface) => surface.serves(entry))
  if (first === undefined) throw new Error(`${entry.path} cannot be called at all`)
  return [first, ...others]
}

/** A right input for `caller`, the weakest whom the policy lets in unless told, and their token. */
export async function rightCall(
  { world }: Parity,
  entry: RegistryEntry,
  caller = weakestAllowed(entry.policy),
): Promise<Required<Example>> {
  const example = await examples[entry.path]?.(world, caller)
  if (example === undefined) throw new Error(`${entry.path} has no example`)
  return { input: example.input, as: example.as ?? world.principals[caller].token }
}
