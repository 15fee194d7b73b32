import { engineAdapter } from './adapter.ts'
import { createDatabase } from './connection-check.ts'
import { loadSchemaEngine } from './wasm.ts'

/** Prisma's code for an error that has none of its own. */
const GENERIC_ERROR = 4466

/** A message to the command line. */
export type Reply = { jsonrpc: '2.0'; id: number } & (
  | { result: unknown }
  | { error: { code: number; message: string; data?: object } }
  | { method: 'print'; params: { content: string } }
)

export interface EngineContext {
  readonly url: string | undefined
  /** The Prisma schema as [path, content]. */
  readonly files: [string, string][]
  readonly send: (reply: Reply) => void
}

interface Call {
  readonly id: number
  readonly method: string
  readonly params: unknown
}

/** A line of the native engine's log; the command line shows the message of the last one when the engine dies. */
export function stderrRecord(message: string, code?: string): string {
  const fields = { is_panic: false, message, error_code: code }
  return JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })
}

/** Methods whose name in the WebAssembly build differs. */
const RENAMED: Record<string, string> = { getDatabaseVersion: 'version' }

let engine: Promise<object> | undefined

/** Answers one JSON-RPC request; what is not a request (the answer to our own `print`) is ignored. */
export async function answer(request: unknown, context: EngineContext): Promise<void> {
  if (!isCall(request)) return
  const { id, method } = request
  try {
    const result = await perform(request, context)
    context.send({ jsonrpc: '2.0', id, result: result ?? {} })
  } catch (error) {
    context.send({ jsonrpc: '2.0', id, error: describe(error, method) })
  }
}

async function perform({ id, method, params }: Call, context: EngineContext): Promise<unknown> {
  if (method === 'createDatabase') {
    await createDatabase(context.url ?? '')
    return { databaseName: '' }
  }
  engine ??= start(context)
  const target = await engine
  const member: unknown = Reflect.get(target, RENAMED[method] ?? method)
  if (typeof member !== 'function') throw new Error(`The schema engine stand-in does not know "${method}".`)
  const result: unknown = await Reflect.apply(member, target, [params])
  if (method !== 'diff' || !(result instanceof Object) || !('stdout' in result)) return result
  // The native engine has the command line print a diff; the WebAssembly build hands the text back.
  if (typeof result.stdout === 'string') {
    context.send({ jsonrpc: '2.0', id, method: 'print', params: { content: result.stdout } })
  }
  return { ...result, stdout: null }
}

async function start({ url, files }: EngineContext): Promise<object> {
  const SchemaEngine = await loadSchemaEngine((message) => process.stderr.write(`${stderrRecord(message)}\n`))
  return SchemaEngine.new(
    { datamodels: files.length === 0 ? undefined : files },
    () => undefined,
    engineAdapter(url),
  )
}

function isCall(request: unknown): request is Call {
  return (
    request instanceof Object &&
    'id' in request &&
    typeof request.id === 'number' &&
    'method' in request &&
    typeof request.method === 'string'
  )
}

function describe(error: unknown, method: string): { code: number; message: string; data: object } {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Object && 'code' in error ? error.code : undefined
  const data = { is_panic: false, message, ...(typeof code === 'string' ? { error_code: code } : {}) }
  return { code: GENERIC_ERROR, message: `${method} failed`, data }
}
