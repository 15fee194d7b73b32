import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FinishReason, TokenUsage } from '../../../server/src/platform/llm/llm-provider.ts'
import { type Answer, estimateTokens, promptOf, type Question, type Step } from './script.ts'
import type { WholeAnswer, WireCall, WireEvent, WireFormat } from './wire/wire-format.ts'

/** Where an answer is written to. */
export interface Wire {
  readonly response: ServerResponse
  /** Aborts when the client has left. */
  readonly gone: AbortSignal
}

/** Writes one answer as the vendor would, step by step; ends early when the client leaves. */
export async function writeAnswer(
  wire: Wire,
  format: WireFormat,
  question: Question,
  answer: Answer,
): Promise<void> {
  const said = collector(question)
  const events = format.events(question, said.whole().usage?.inputTokens ?? 0)
  let extra: Readonly<Record<string, unknown>> = {}
  const send = async (list: readonly WireEvent[]) => {
    for (const event of list) await write(wire, eventText(event, extra))
  }
  let isOpen = false
  const open = async () => {
    if (isOpen) return
    isOpen = true
    const type = question.streamed ? 'text/event-stream; charset=utf-8' : 'application/json'
    wire.response.writeHead(200, { 'content-type': type })
    wire.response.flushHeaders()
    if (question.streamed) await send(events.open())
  }
  for await (const step of answer) {
    if (wire.gone.aborted) return
    if ('status' in step) return await writeResponse(wire, step)
    if ('end' in step) {
      if (step.end === 'stop') await open()
      return await endBadly(wire, step.end)
    }
    if ('wait' in step) {
      await open()
      await Promise.race([step.wait, aborted(wire.gone)])
      continue
    }
    if ('extra' in step) {
      extra = step.extra
      continue
    }
    if ('raw' in step) {
      await open()
      await write(wire, step.raw)
      continue
    }
    const call = said.add(step)
    if (!question.streamed) continue
    if ('text' in step) {
      await open()
      await send(events.text(step.text))
    } else if (call !== undefined) {
      await open()
      await send(events.call(call))
    }
  }
  if (wire.gone.aborted) return
  await open()
  if (question.streamed) await send(events.finish(said.whole()))
  else await write(wire, JSON.stringify({ ...format.whole(question, said.whole()), ...extra }))
  wire.response.end()
}

/** Writes an answer that is none of the vendor's. */
export async function writeResponse(
  wire: Wire,
  { status, headers, body }: Extract<Step, { readonly status: number }>,
): Promise<void> {
  wire.response.writeHead(status, { 'content-type': 'application/json', ...headers })
  const pieces = typeof body === 'string' || Buffer.isBuffer(body) ? [body] : body
  for await (const piece of pieces) {
    if (wire.gone.aborted) return
    await write(wire, piece)
  }
  wire.response.end()
}

/** Ends an answer as no vendor should. */
async function endBadly(wire: Wire, end: 'hang' | 'stop' | 'reset'): Promise<void> {
  if (end === 'hang') return await aborted(wire.gone)
  if (end === 'stop') wire.response.end()
  else wire.response.socket?.resetAndDestroy()
}

function collector(question: Question) {
  let text = ''
  let usage: TokenUsage | 'none' | undefined
  let reason: FinishReason | undefined
  const calls: WireCall[] = []
  return {
    /** The call, if the step is one. */
    add(step: Step): WireCall | undefined {
      if ('text' in step) text += step.text
      else if ('usage' in step) usage = step.usage
      else if ('reason' in step) reason = step.reason
      else if ('call' in step) {
        const input = typeof step.input === 'string' ? step.input : JSON.stringify(step.input)
        const call = { id: step.id ?? `call_${calls.length + 1}`, name: step.call, input }
        calls.push(call)
        return call
      }
      return undefined
    },
    whole(): WholeAnswer {
      const outputTokens = estimateTokens(text + calls.map(({ input }) => input).join(''))
      const counted = usage ?? { inputTokens: estimateTokens(promptOf(question)), outputTokens }
      return {
        text,
        calls,
        reason: reason ?? (calls.length > 0 ? 'tool-calls' : 'stop'),
        usage: counted === 'none' ? undefined : counted,
      }
    },
  }
}

function eventText({ event, data }: WireEvent, extra: Readonly<Record<string, unknown>>): string {
  const name = event === undefined ? '' : `event: ${event}\n`
  return `${name}data: ${data === '[DONE]' ? data : JSON.stringify({ ...data, ...extra })}\n\n`
}

async function write({ response, gone }: Wire, bytes: string | Buffer): Promise<void> {
  if (gone.aborted || response.write(bytes)) return
  await Promise.race([once(response, 'drain'), aborted(gone)])
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
