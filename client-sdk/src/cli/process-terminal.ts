import { once } from 'node:events'
import { locksReleased } from './config/lock.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { oneLine, painted } from './output/sanitise.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** More than the server takes by any call. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024
const FALLBACK_COLUMNS = 80

/** The terminal of this process. Ctrl-C asks the command to end, a second one ends it. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process
  const interrupted = new AbortController()
  const interrupt = (): void => {
    if (interrupted.signal.aborted) process.exit(exitCodes.interrupted)
    interrupted.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  stdout.once('error', (error) => void leave(isBrokenPipe(error) ? exitCodes.brokenPipe : exitCodes.failed))
  // What else fails on the way out is the same failure.
  stdout.on('error', () => undefined)
  stderr.on('error', () => undefined)
  let whole: Promise<string> | undefined
  return {
    env,
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true && env.TERM !== 'dumb',
    canAsk: stdin.isTTY === true && stderr.isTTY === true && env.TERM !== 'dumb',
    colourOut: hasColour(stdout.isTTY, env),
    colourErr: hasColour(stderr.isTTY, env),
    // A pseudo-terminal that nobody has sized says 0.
    columns: stdout.columns || stderr.columns || FALLBACK_COLUMNS,
    signal: interrupted.signal,
    async write(text) {
      if (!stdout.write(text)) await once(stdout, 'drain').catch(forEver)
    },
    say(message) {
      stderr.write(`${painted(message)}\n`)
    },
    rewrite(line) {
      stderr.write(`\r\u001b[2K${oneLine(line)}`)
    },
    readInput() {
      whole ??= readAll(stdin)
      return whole
    },
    input: () => asItComes(stdin, interrupted.signal),
  }
}

/** Ends the process, but not while a token is renewed: the old one is used up, and the new one not kept yet. */
async function leave(code: ExitCode): Promise<void> {
  await locksReleased()
  process.exit(code)
}

/** For what waits for output that nobody takes any more: {@link leave} ends it. */
function forEver(): Promise<never> {
  return new Promise(() => undefined)
}

/** https://no-color.org: any value but an empty one; FORCE_COLOR asks for colour where there is no terminal. */
function hasColour(isTerminal: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0') return true
  return isTerminal === true && env.TERM !== 'dumb'
}

function isBrokenPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE'
}

async function readAll(stdin: NodeJS.ReadStream): Promise<string> {
  if (stdin.isTTY === true) throw new UsageError('Nothing is piped into this command.')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > MAX_INPUT_BYTES) throw new UsageError('Standard input has more than 64 MB.')
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function* asItComes(stdin: NodeJS.ReadStream, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const stop = (): void => void stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of stdin) yield Buffer.from(chunk)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
