import type { LlmTool } from '../llm-provider.ts'

const MAX_LENGTH = 64

/** Names of tools as vendors take them: letters, digits, `_` and `-`, 64 at most. */
export interface ToolNames {
  toVendor(name: string): string
  /** The name that became this one; what the model made up stays as it is. */
  fromVendor(name: string): string
}

/** Finds a name for every tool, and no name twice. */
export function toolNamesOf(tools: readonly LlmTool[]): ToolNames {
  const theirs = new Map<string, string>()
  const ours = new Map<string, string>()
  for (const { name } of tools) {
    const plain = plainName(name)
    let free = plain
    for (let count = 2; ours.has(free); count += 1) free = `${plain.slice(0, MAX_LENGTH - 4)}_${count}`
    theirs.set(name, free)
    ours.set(free, name)
  }
  return {
    toVendor: (name) => theirs.get(name) ?? plainName(name),
    fromVendor: (name) => ours.get(name) ?? name,
  }
}

function plainName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, MAX_LENGTH)
}
