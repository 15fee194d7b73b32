import { UsageError } from '../usage-error.ts'
import { parseDuration } from './duration.ts'
import type { FlagSpec } from './flag-spec.ts'
import type { ParsedFlags } from './parse-flags.ts'

/** How answers are printed. */
export const outputs = ['json', 'table', 'ndjson'] as const
/** One of {@link outputs}. */
export type Output = (typeof outputs)[number]

/** The flags of every command. */
export const globalFlags: readonly FlagSpec[] = [
  {
    name: 'output',
    short: 'o',
    value: 'how',
    choices: outputs,
    description: 'How to print the answer; a table on a terminal, else JSON.',
  },
  { name: 'profile', value: 'name', description: 'Whose server and account to use (PLINTH_PROFILE).' },
  { name: 'base-url', value: 'url', description: 'The server to call (PLINTH_BASE_URL).' },
  {
    name: 'timeout',
    value: 'time',
    description: 'How long a call may take: 500ms, 30s, 5m. 30s unless told.',
  },
  { name: 'quiet', short: 'q', description: 'Say nothing but errors.' },
  { name: 'verbose', short: 'v', description: 'Say what is sent and answered, with trace ids.' },
  { name: 'help', short: 'h', description: 'Show help.' },
]

/** What the flags of every command say. */
export interface GlobalFlags {
  readonly output: Output | undefined
  readonly profile: string | undefined
  readonly baseUrl: string | undefined
  readonly timeoutMs: number | undefined
  readonly quiet: boolean
  readonly verbose: boolean
}

/** Reads them. @throws UsageError */
export function readGlobalFlags(flags: ParsedFlags): GlobalFlags {
  const output = flags.value('output')
  const timeout = flags.value('timeout')
  return {
    output: output === undefined ? undefined : outputOf(output),
    profile: flags.value('profile'),
    baseUrl: flags.value('base-url'),
    timeoutMs: timeout === undefined ? undefined : parseDuration('timeout', timeout),
    quiet: flags.has('quiet'),
    verbose: flags.has('verbose'),
  }
}

function outputOf(text: string): Output {
  const output = outputs.find((candidate) => candidate === text)
  if (output === undefined) throw new UsageError(`--output is ${outputs.join(', ')}; not “${text}”.`)
  return output
}
