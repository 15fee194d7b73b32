import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { run } from '../../../client-sdk/src/cli/run.ts'
import type { Terminal } from '../../../client-sdk/src/cli/terminal.ts'
import { type RegistryEntry, takesFile } from '../../../server/src/contract/registry.ts'
import { field } from '../http.ts'
import { until } from '../until.ts'
import { headersOf, refusalOf } from './outcome.ts'
import { refusedStream } from './refused-stream.ts'
import type { CallAs, Outcome, Refusal, Surface, SurfaceEvent } from './surface.ts'

/** What a command sent and heard. */
interface Exchange {
  readonly headers: Record<string, string>
  heard: { readonly status: number; readonly headers: Headers; readonly error: unknown } | undefined
}

const exchanges = new AsyncLocalStorage<Exchange>()

/** The command line in this process: what it prints is read as its user reads it. */
export async function cliSurface(baseUrl: string): Promise<Surface> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plinth-cli-'))
  const giveBack = listenIn()
  const envOf = (token: string | undefined) => ({
    PLINTH_BASE_URL: baseUrl,
    PLINTH_API_KEY: token,
    XDG_CONFIG_HOME: directory,
    XDG_CACHE_HOME: directory,
  })
  // What a command asks the server before its first call is no part of the calls compared.
  await run(['version'], terminalOf(envOf(undefined)).terminal)
  await run(['help'], terminalOf(envOf(undefined)).terminal)

  return {
    name: 'cli',
    recordedAs: 'cli',
    serves: ({ policy }) => policy.surfaces?.cli !== false,
    async call(entry, input, as) {
      const exchange: Exchange = { headers: ownHeaders(as), heard: undefined }
      const { terminal, out, said } = terminalOf(envOf(as.token))
      const args = [...(await wordsOf(entry, input, as, directory)), '--output', 'json']
      const exit = await exchanges.run(exchange, () => run(args, terminal))
      return outcomeOf(exchange, exit, out.join(''), said.join('\n'))
    },
    async watch(entry, input, as, lastEventId) {
      const exchange: Exchange = { headers: ownHeaders(as), heard: undefined }
      const gone = new AbortController()
      const { terminal, out, said } = terminalOf(envOf(as.token), gone.signal)
      const from = lastEventId === undefined ? [] : ['--last-event-id', lastEventId]
      const args = [...(await wordsOf(entry, input, as, directory)), ...from]
      const ended = exchanges.run(exchange, () => run(args, terminal))
      await Promise.race([until('the stream to open', () => exchange.heard), ended])
      if (exchange.heard?.status !== 200)
        throw refusedStream(outcomeOf(exchange, await ended, out.join(''), said.join('\n')))
      return {
        get events() {
          return out.map((line): SurfaceEvent => JSON.parse(line))
        },
        async [Symbol.asyncDispose]() {
          gone.abort()
          await ended
        },
      }
    },
    async [Symbol.asyncDispose]() {
      giveBack()
      await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Trace ids and addresses are not for a person to give: they are put on what the command sends. */
function ownHeaders({ traceId, headers = {} }: CallAs): Record<string, string> {
  return headersOf({ traceId, headers })
}

async function wordsOf(
  entry: RegistryEntry,
  input: unknown,
  { idempotencyKey }: CallAs,
  directory: string,
): Promise<string[]> {
  const { file, ...rest } = { ...Object(input) }
  const isFile = takesFile(entry) && file instanceof File
  const fields = isFile ? rest : { ...Object(input) }
  return [
    entry.path,
    ...(input === undefined ? [] : ['--json', JSON.stringify(fields)]),
    ...(isFile ? ['--file', await written(directory, file)] : []),
    ...('destructive' in entry.policy && entry.policy.destructive === true ? ['--yes'] : []),
    ...(idempotencyKey === undefined ? [] : ['--idempotency-key', idempotencyKey]),
  ]
}

async function written(directory: string, file: File): Promise<string> {
  const own = await mkdtemp(path.join(directory, 'file-'))
  const target = path.join(own, file.name)
  await writeFile(target, Buffer.from(await file.arrayBuffer()))
  return target
}

function terminalOf(env: Terminal['env'], signal = new AbortController().signal) {
  const out: string[] = []
  const said: string[] = []
  const terminal: Terminal = {
    env,
    signal,
    outIsTerminal: false,
    errIsTerminal: false,
    canAsk: false,
    colourOut: false,
    colourErr: false,
    columns: 120,
    async write(text) {
      out.push(text)
    },
    say: (message) => void said.push(message),
    rewrite() {},
    readInput: async () => '',
    async *input() {},
  }
  return { terminal, out, said }
}

function outcomeOf({ heard }: Exchange, exit: number, out: string, said: string): Outcome {
  const error = exit === 0 ? undefined : refusalFrom(heard?.error, exit, said)
  return {
    status: heard?.status,
    data: error === undefined ? JSON.parse(out) : undefined,
    error,
    traceId: error === undefined ? (heard?.headers.get('x-request-id') ?? undefined) : traceIn(said),
    replayed: heard?.headers.get('idempotency-replayed') === 'true',
    text: error === undefined ? out : said,
    refusedUnsent: heard === undefined,
  }
}

/** The refusal that the server sent, after looking that the person is told all of it. */
function refusalFrom(error: unknown, exit: number, said: string): Refusal {
  if (error === undefined) return { ...refusalOf({ code: 'BAD_REQUEST' }, said), issues: [] }
  const refusal = refusalOf(field(error, 'data'), field(error, 'message'))
  const code = refusal.reason === undefined ? refusal.code : `${refusal.code} (${refusal.reason})`
  const lines = refusal.issues.map((issue) => `  ${field(issue, 'field')}: ${field(issue, 'message')}`)
  const untold = [`error ${code} ${refusal.message}`, ...lines].filter((line) => !said.includes(line))
  if (untold.length > 0)
    throw new Error(`The command line (exit ${exit}) does not say “${untold[0]}”:\n${said}`)
  return refusal
}

function traceIn(said: string): string | undefined {
  return /trace id (\S+)/.exec(said)?.[1]
}

/** Puts headers on what the commands of {@link exchanges} send, and keeps what they hear; gives back the way to stop. */
function listenIn(): () => void {
  const send = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const exchange = exchanges.getStore()
    if (exchange === undefined) return send(input, init)
    const headers = new Headers(init?.headers)
    for (const [name, value] of Object.entries(exchange.headers)) headers.set(name, value)
    const response = await send(input, { ...init, headers })
    const refusal = response.ok ? undefined : await response.clone().text()
    exchange.heard = { status: response.status, headers: response.headers, error: errorIn(refusal) }
    return response
  }
  return () => {
    globalThis.fetch = send
  }
}

function errorIn(body: string | undefined): unknown {
  if (body === undefined) return undefined
  // The refusal of a stream is an event of one.
  const event = /^data: (.+)$/m.exec(body)?.[1]
  return event === undefined ? field(JSON.parse(body), 'error') : JSON.parse(event)
}
