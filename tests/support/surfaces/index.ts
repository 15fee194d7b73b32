import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import type { World } from '../world.ts'
import { agentSurface } from './agent.ts'
import { cliSurface } from './cli.ts'
import { mcpSurface } from './mcp.ts'
import { restSurface } from './rest.ts'
import { sdkSurface } from './sdk.ts'
import type { Surface } from './surface.ts'
import { trpcSurface } from './trpc.ts'

export type { CallAs, Outcome, Surface, SurfaceName, SurfaceStream } from './surface.ts'

/** Every way of calling the server of `world`; the first is what the others are held against. */
export async function openSurfaces(
  { server, principals }: World,
  registry: readonly RegistryEntry[],
): Promise<readonly Surface[]> {
  const { baseUrl } = server
  return [
    trpcSurface(baseUrl),
    sdkSurface(baseUrl),
    restSurface(baseUrl, registry),
    await cliSurface(baseUrl),
    await mcpSurface(baseUrl, principals.owner.token),
    agentSurface(server, registry),
  ]
}
