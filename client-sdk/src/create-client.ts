import { callProcedure, type Runtime, type Target } from './call.ts'
import { iterateStream } from './event-iterator.ts'
import type { Client } from './generated/client.ts'
import { procedures } from './generated/procedures.ts'
import { withHandle } from './job-handle.ts'
import type { ClientOptions, SubscribeHandlers, SubscribeOptions, UploadOptions } from './options.ts'
import { isPlinthError, type PlinthError } from './plinth-error.ts'
import { createRuntime } from './runtime.ts'
import { openStream } from './stream.ts'

/** Makes a client of the server at `baseUrl`. Costs nothing until the first call. */
export function createClient(options: ClientOptions): Client
export function createClient(options: ClientOptions): object {
  const runtime = createRuntime(options)
  const root: Branch = {}
  for (const [path, facts] of Object.entries(procedures)) plant(root, path, leaf(runtime, { path, ...facts }))
  return root
}

interface Branch {
  [name: string]: object
}

function plant(root: Branch, path: string, procedure: object): void {
  const names = path.split('.')
  const last = names.pop() ?? path
  let branch: object = root
  for (const name of names) {
    const existing: unknown = Reflect.get(branch, name)
    const child: object = typeof existing === 'object' && existing !== null ? existing : {}
    Reflect.set(branch, name, child)
    branch = child
  }
  Reflect.set(branch, last, procedure)
}

function leaf(runtime: Runtime, target: Target): object {
  const isError = (error: unknown): boolean => isPlinthError(error) && error.path === target.path
  const call = (input: unknown, options?: UploadOptions) => callProcedure(runtime, target, input, options)
  const started = async (input: unknown, options?: UploadOptions) =>
    withHandle(runtime, target.path, await call(input, options))
  switch (target.kind) {
    case 'query':
      return { isError, query: call }
    case 'mutation':
      return { isError, mutate: target.job === true ? started : call }
    case 'subscription':
      return { isError, subscribe: subscribeTo(runtime, target.path) }
  }
}

type Handlers = SubscribeHandlers<unknown, PlinthError>

function subscribeTo(runtime: Runtime, path: string) {
  return (input: unknown, options: Handlers | SubscribeOptions = {}) => {
    if (!('onData' in options)) return iterateStream(runtime, path, input, options)
    const { onData, onStarted, onReconnecting, onComplete, onError = reportUnhandled } = options
    const sink = {
      onEvent: onData,
      onError,
      onStarted: () => onStarted?.(),
      onReconnecting: (error: PlinthError | undefined) => onReconnecting?.(error),
      onComplete: () => onComplete?.(),
      ready: async () => {},
    }
    const stream = openStream(runtime, path, input, sink, options)
    return Object.assign(() => stream.close(), { unsubscribe: () => stream.close() })
  }
}

function reportUnhandled(error: PlinthError): void {
  console.error(error)
}
