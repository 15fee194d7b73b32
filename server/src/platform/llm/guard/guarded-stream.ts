import { LlmError } from '../llm-error.ts'
import type { LlmPart, LlmRequest } from '../llm-provider.ts'
import type { AdapterPart } from '../provider-kind.ts'
import type { GuardedAccount } from './account.ts'
import { createAnswerCheck } from './answer-check.ts'
import { asLlmError } from './as-llm-error.ts'
import { beginCall, type GuardedCall } from './call.ts'

/** Streams an answer within the limits. @throws LlmError; the reason of the request's signal */
export async function* guardedStream(account: GuardedAccount, request: LlmRequest): AsyncGenerator<LlmPart> {
  request.signal.throwIfAborted()
  const call = await beginCall(account, 'chat', request.model, request.signal)
  const check = createAnswerCheck(account, request)
  try {
    for await (const part of timedParts(account, request, call)) {
      call.began()
      for (const kept of check.pass(part)) {
        // Whoever reads may stop at the last part, so the call has ended before they get it.
        if (kept.type === 'finish') call.end({ usage: kept.usage })
        yield kept
      }
      if (check.isOver) return
    }
    throw new LlmError('bad_answer', account.name, { cause: new Error('The answer ended without an end') })
  } catch (thrown) {
    if (request.signal.aborted) throw request.signal.reason
    const error = asLlmError(account.name, thrown)
    call.end({ error })
    throw error
  } finally {
    call.end({ error: request.signal.reason ?? new Error('The reader left') })
  }
}

async function* timedParts(
  { adapter, limits }: GuardedAccount,
  request: LlmRequest,
  call: GuardedCall,
): AsyncGenerator<AdapterPart> {
  const maxOutputTokens = Math.min(request.maxOutputTokens, limits.maxOutputTokens)
  const parts = adapter.stream({ ...request, maxOutputTokens, signal: call.signal })[Symbol.asyncIterator]()
  let limitMs = limits.firstTokenTimeoutMs
  try {
    for (;;) {
      const next = await call.within(parts.next(), limitMs)
      if (next.done === true) return
      yield next.value
      limitMs = limits.idleTimeoutMs
    }
  } finally {
    // Not waited for: a provider that hangs would hang its reader.
    parts.return?.().catch(() => undefined)
  }
}
