import type { RegistryEntry } from '../../contract/registry.ts'

/** What every provider of models takes as the name of a tool (MCP allows more: 128 characters, dots). */
const TOOL_NAME = /^[A-Za-z][\w-]{0,63}$/

/** `projects.members.list` → `projects_members_list`. */
export function toolNameOf(path: string): string {
  return path.replaceAll('.', '_')
}

/**
 * The procedures by the names of their tools, both ways without guessing.
 * @param taken names that are spoken for
 * @throws Error at start-up when two have one name, or a name is longer than models take
 */
export function byToolName(
  registry: readonly RegistryEntry[],
  taken: readonly string[] = [],
): Map<string, RegistryEntry> {
  const named = new Map<string, RegistryEntry>()
  for (const entry of registry) {
    const name = toolNameOf(entry.path)
    if (!TOOL_NAME.test(name)) throw new Error(`${entry.path}: ${name} cannot be the name of a tool`)
    if (named.has(name) || taken.includes(name))
      throw new Error(`${entry.path}: there is another tool called ${name}`)
    named.set(name, entry)
  }
  return named
}
