import { problemsOf } from './problems.ts'
import { type Environment, environmentSchema } from './schema.ts'

/** What variables say. */
export interface ParsedEnvironment {
  /** The settings, those that could not be read at their default; good for use only when there are no problems. */
  readonly readable: Environment
  /** Everything that is wrong, by variable and without its value. */
  readonly problems: readonly string[]
}

/** Reads variables and checks them, together and whatever else is wrong, so that one start tells everything. */
export function parseEnvironment(variables: Record<string, string | undefined>): ParsedEnvironment {
  // An empty variable is how shells and compose files say "not set".
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const parsed = environmentSchema.safeParse(given)
  const unreadable = (parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  const refused = new Set(parsed.error?.issues.map((issue) => issue.path[0]))
  const readable = environmentSchema.parse(
    Object.fromEntries(Object.entries(given).filter(([name]) => !refused.has(name))),
  )
  return { readable, problems: [...unreadable, ...problemsOf(readable, refused)] }
}
