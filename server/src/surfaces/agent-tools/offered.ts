import { type RegistryEntry, takesFile } from '../../contract/registry.ts'

/**
 * The procedures that can be tools of an agent: those called and answered in one go, for users. Not those without a
 * caller (log-in and the like) or for logged-in people alone (`session`), and none that says `surfaces.agent: false`.
 * @param wanted paths; all there are unless given
 * @throws Error for a path that is not among them
 */
export function offeredTo(
  registry: readonly RegistryEntry[],
  wanted: readonly string[] | undefined,
): RegistryEntry[] {
  const offered = registry.filter(isOffered)
  if (wanted === undefined) return offered
  return wanted.map((path) => {
    const entry = offered.find((one) => one.path === path)
    if (entry === undefined) throw new Error(`${path} cannot be a tool of an agent`)
    return entry
  })
}

function isOffered(entry: RegistryEntry): boolean {
  const { kind, policy } = entry
  if (policy.surfaces?.agent === false || policy.access.who === 'public') return false
  return kind !== 'subscription' && !takesFile(entry) && policy.scope !== 'session' && policy.scope !== 'none'
}
