import type { Actor } from '../../contract/actor.ts'
import type { Db } from '../../platform/database/index.ts'
import type { LlmMessage, LlmPart, LlmTool } from '../../platform/llm/llm-provider.ts'
import type { AlongsideUsage } from './ledger/reserve.repository.ts'

/** What a call of a model is for; stands in the ledger. */
export interface ModelUse {
  readonly actor: Pick<Actor, 'userId' | 'role'>
  readonly purpose: 'chat' | 'agent' | 'embedding' | 'test'
  readonly threadId?: string
  readonly replyId?: string
  readonly runId?: string
  /** What has to be written with the call's room in the budget; {@link MeteredAnswer.noted} says whether it was. */
  readonly alongside?: AlongsideUsage
}

/** A model of the catalogue that this user can ask now. */
export interface UsableModel {
  /** `<provider>:<name>`. */
  readonly id: string
  readonly contextTokens: number
  /** The most one answer may have: the model's own limit or the server's, whichever is less. */
  readonly maxOutputTokens: number
  readonly tools: boolean
  countTokens(text: string): number
}

/** A conversation to be answered. */
export interface ModelQuestion {
  readonly modelId: string
  readonly messages: readonly LlmMessage[]
  readonly tools?: readonly LlmTool[]
  readonly maxOutputTokens?: number
  readonly signal: AbortSignal
}

/** What a call came to, in the ledger. */
export interface Bill {
  readonly usageId: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars, as a decimal text. */
  readonly cost: string
}

/** A call under way. */
export interface MeteredAnswer {
  /** The ledger row, there before the first part; keep it, so that {@link ModelCalls.settleAbandoned} can find it. */
  readonly usageId: string
  /** Whether what was to be written alongside changed a row. Where it did not, abort the signal: nothing was asked yet. */
  readonly noted: boolean
  /**
   * The parts as they come. However the reading ends (end, error, abort), the ledger is settled with what was received.
   * @throws AppError with a PROVIDER_ reason
   */
  readonly parts: AsyncIterable<LlmPart>
  /** Resolves once the ledger is settled. Never rejects; undefined when it could not be (it is then swept later). */
  readonly bill: Promise<Bill | undefined>
}

/**
 * The only way modules reach a language model: picks model, provider and key, holds room in the budget, calls, and writes
 * what it cost.
 */
export interface ModelCalls {
  /**
   * The model a call will use: the one named, else the user's preferred provider's default, else the server's.
   * @throws BAD_REQUEST naming `field`, `model` unless given, for one that is not in the catalogue; MODEL_NOT_AVAILABLE
   */
  chatModel(
    actor: Pick<Actor, 'userId' | 'role'>,
    modelId?: string | null,
    field?: string,
  ): Promise<UsableModel>
  /**
   * Holds room in the budget and begins to ask.
   * @throws BUDGET_EXCEEDED with the time of the reset, MODEL_NOT_AVAILABLE
   */
  ask(use: ModelUse, question: ModelQuestion): Promise<MeteredAnswer>
  /** The embedding model that new spaces get: the server's default. */
  embeddingModel(): Promise<{ readonly id: string; readonly dimension: number }>
  /** @throws BUDGET_EXCEEDED, AppError with a PROVIDER_ reason */
  embed(
    use: ModelUse,
    request: {
      readonly modelId: string
      readonly texts: readonly string[]
      readonly as: 'document' | 'query'
      readonly signal: AbortSignal
    },
  ): Promise<readonly Float32Array[]>
  /**
   * Settles a call whose process died, with the text that was kept of its answer. Part of the transaction `db`. Settling
   * twice changes nothing. Null when there is no such row.
   */
  settleAbandoned(db: Db, usageId: string, receivedText: string): Promise<Bill | null>
}
