import { type AnyTRPCRouter, getTRPCErrorShape, type TRPCError, type TRPCProcedureType } from '@trpc/server'
import type { Request, RequestHandler } from 'express'
import type { CallContext } from '../../contract/call-context.ts'
import { fail } from '../../contract/errors.ts'
import { invoke } from '../../contract/invoke.ts'
import { toTrpcError } from '../../contract/pipeline/normalise-error.ts'
import { endEarly } from '../http/answer-early.ts'
import { answerError } from '../http/answer-error.ts'
import { goneSignal } from '../http/gone-signal.ts'
import { httpCallContext } from '../http/http-call-context.ts'
import { handle } from '../http/request.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { isBatch, noSuchProcedure, pathsOf, queryOf } from './check-call.ts'

/** tRPC says which HTTP methods a kind of procedure takes (https://trpc.io/docs/rpc#methods---type-mapping). */
const METHOD: Record<TRPCProcedureType, string> = { query: 'GET', mutation: 'POST', subscription: 'GET' }

interface CallAnswer {
  readonly status: number
  readonly envelope: object
}

/**
 * Queries and mutations in tRPC's envelope (https://trpc.io/docs/rpc), single or as a batch, straight from Express's
 * request to `res.end`. tRPC's adapter would carry them through a Fetch Request, Response and two web streams: measured
 * at 2.2 times the time per call (docs/adr).
 */
export function answerCalls(options: SurfaceOptions): RequestHandler {
  const { router } = options
  return handle(async (req, res) => {
    const batched = isBatch(req)
    const context = httpCallContext(options, req, res, batched)
    const inputs = readInputs(req, batched)
    const gone = goneSignal(res)
    const answers = await Promise.all(
      pathsOf(req).map((path, index) =>
        answerCall({ router, req, path, index, input: inputs(index), context, gone }),
      ),
    )
    if (res.destroyed) return
    const [first] = answers
    if (first === undefined) return answerError(res, noSuchProcedure())
    const same = answers.every(({ status }) => status === first.status)
    res.statusCode = same ? first.status : 207
    res.setHeader('Content-Type', 'application/json; charset=utf-8')
    endEarly(req, res, JSON.stringify(batched ? answers.map(({ envelope }) => envelope) : first.envelope))
  })
}

interface OneCall {
  readonly router: AnyTRPCRouter
  readonly req: Request
  readonly path: string
  readonly index: number
  readonly input: unknown
  readonly context: CallContext
  readonly gone: () => AbortSignal
}

async function answerCall(call: OneCall): Promise<CallAnswer> {
  const { router, req, path, index, input, context, gone } = call
  const procedures: Record<string, { _def: { type: TRPCProcedureType } }> = router._def.procedures
  const type = Object.hasOwn(procedures, path) ? procedures[path]?._def.type : undefined
  try {
    if (type === undefined) throw noSuchProcedure()
    if (METHOD[type] !== req.method)
      throw fail('METHOD_NOT_SUPPORTED', { message: `Call it with ${METHOD[type]}.` })
    // A stream inside a batch; alone, it went to tRPC's adapter.
    if (type === 'subscription')
      throw fail('BAD_REQUEST', { message: 'A subscription cannot be part of a batch.' })
    const data = await invoke({
      router,
      path,
      kind: type,
      input,
      context,
      batchIndex: index,
      signal: gone,
    })
    return { status: 200, envelope: { result: { data } } }
  } catch (thrown) {
    const error: TRPCError = toTrpcError(thrown, input)
    const config = router._def._config
    const shape = getTRPCErrorShape({ config, error, type: type ?? 'unknown', path, input, ctx: context })
    return { status: shape.data.httpStatus, envelope: { error: shape } }
  }
}

/** `input=` of a GET, the body of a POST; in a batch an object keyed by position. */
function readInputs(req: Request, batched: boolean): (index: number) => unknown {
  const text = req.method === 'GET' ? queryOf(req).input : req.body
  const parsed = parseJson(typeof text === 'string' ? text : '')
  if (!batched) return () => parsed
  if (parsed !== undefined && (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))) {
    throw fail('BAD_REQUEST', { message: 'The input of a batch is an object keyed by position.' })
  }
  return (index) =>
    parsed !== undefined && Object.hasOwn(parsed, index) ? Reflect.get(parsed, index) : undefined
}

function parseJson(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw fail('BAD_REQUEST', { message: 'The input is not valid JSON.', cause })
  }
}
