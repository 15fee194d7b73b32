import type { Surface } from '../model.ts'
import type { Target } from '../target.ts'
import { mcpSurface } from './mcp.ts'
import { restSurface } from './rest.ts'
import { trpcSurface } from './trpc.ts'

/** Every door of a server. */
export function openSurfaces({ registry }: Target): Surface[] {
  return [trpcSurface(registry), restSurface(registry), mcpSurface(registry)]
}
