import type { CommandRun } from './command.ts'
import type { CommandName } from './index.ts'

/** The file of each command, loaded when it runs: a command costs no other's start. */
export const loadCommand: Readonly<Record<CommandName, () => Promise<CommandRun>>> = {
  login: async () => (await import('./login.ts')).login,
  logout: async () => (await import('./logout.ts')).logout,
  whoami: async () => (await import('./whoami.ts')).whoami,
  profiles: async () => (await import('./profiles.ts')).listProfiles,
  mcp: async () => (await import('./mcp.ts')).mcp,
  status: async () => (await import('./status.ts')).status,
  kb: async () => (await import('./kb/eval.ts')).evaluateSearch,
  completion: async () => (await import('./completion.ts')).printCompletion,
  __complete: async () => (await import('./complete.ts')).completeWords,
}
