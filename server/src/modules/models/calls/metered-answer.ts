import type { LlmPart, LlmProvider, LlmRequest, TokenUsage } from '../../../platform/llm/llm-provider.ts'
import type { Amount } from '../ledger/ledger-entry.ts'
import type { Bill, MeteredAnswer } from '../model-calls.ts'
import type { Tokens } from '../money.ts'
import { costsNothing, providerFailure } from './provider-failure.ts'

/** A call that has room in the budget and is about to be made. */
export interface ReservedCall {
  readonly usageId: string
  readonly provider: LlmProvider
  readonly request: LlmRequest
  /** Input as we counted it, for when the provider does not say. */
  readonly inputTokens: number
  readonly ownKey: boolean
  readonly price: (tokens: Tokens) => Amount
  /** Does not reject; false when it could not be written. */
  readonly settle: (amount: Amount) => Promise<boolean>
}

/**
 * Makes the call as its parts are read, and settles it once with what came: the provider's count where it gave one, else
 * the text that was received. A call that is aborted before anybody read of it was not made and costs nothing; one that
 * is aborted is settled whether or not somebody reads on.
 */
export function meteredAnswer(call: ReservedCall): Omit<MeteredAnswer, 'noted'> {
  const { usageId, request } = call
  const { promise: bill, resolve } = Promise.withResolvers<Bill | undefined>()
  const received = receipt(call)
  let begun = false
  let settled: Promise<void> | undefined

  const write = async (tokens: Tokens): Promise<void> => {
    request.signal.removeEventListener('abort', onAbort)
    const amount = call.price(tokens)
    resolve((await call.settle(amount)) ? { usageId, ...amount } : undefined)
  }
  const settle = (): Promise<void> => {
    settled ??= write(begun ? received.tokens() : NOTHING)
    return settled
  }
  const onAbort = (): void => void settle()
  request.signal.addEventListener('abort', onAbort, { once: true })
  // Holding room took a moment, in which nobody listened.
  if (request.signal.aborted) onAbort()

  return {
    usageId,
    bill,
    parts: {
      async *[Symbol.asyncIterator]() {
        request.signal.throwIfAborted()
        if (begun) throw new Error('The parts of an answer are read once')
        begun = true
        try {
          for await (const part of call.provider.stream(request)) {
            received.take(part)
            yield part
          }
        } catch (error) {
          received.failed(error)
          throw providerFailure(error, call)
        } finally {
          await settle()
        }
      },
    },
  }
}

const NOTHING: Tokens = { inputTokens: 0, outputTokens: 0 }

/** Notes what came of an answer. */
function receipt({ provider, request, inputTokens }: ReservedCall) {
  const texts: string[] = []
  let usage: TokenUsage | undefined
  let refused = false
  return {
    take(part: LlmPart): void {
      if (part.type === 'text') texts.push(part.text)
      else if (part.type === 'tool-call') texts.push(`${part.call.name} ${JSON.stringify(part.call.input)}`)
      else usage = part.usage
    },
    failed(error: unknown): void {
      refused = texts.length === 0 && costsNothing(error)
    },
    tokens(): Tokens {
      if (usage !== undefined) return usage
      if (refused) return NOTHING
      // Counts may be too high, and nobody is charged for more than the call could come to.
      const counted = provider.countTokens(request.model, texts.join(''))
      return { inputTokens, outputTokens: Math.min(counted, request.maxOutputTokens) }
    },
  }
}
