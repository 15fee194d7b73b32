import type { Surface } from '../model.ts'
import type { Target } from '../target.ts'
import { trpcSurface } from './trpc.ts'

/** Every door of a server. */
export function openSurfaces({ registry }: Target): Surface[] {
  return [trpcSurface(registry)]
}
