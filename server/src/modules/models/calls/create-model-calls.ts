import { failBecause } from '../../../contract/errors.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { LlmOptions } from '../../../platform/llm/llm-options.ts'
import type { Logger } from '../../../platform/logger.ts'
import { currentContext, newTraceId } from '../../../platform/request-context.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { type CatalogueModel, priceAt } from '../catalogue/catalogue-model.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Amount, EntryBase } from '../ledger/ledger-entry.ts'
import type { ModelCalls, ModelUse } from '../model-calls.ts'
import { costOf, type Tokens } from '../money.ts'
import type { ProviderAccess, Providers } from '../providers/model-access.ts'
import type { ChosenModel, ModelChoice } from './choose-model.ts'
import { countInput, heldFor } from './count-tokens.ts'
import { embedMetered } from './embed.ts'
import { meteredAnswer } from './metered-answer.ts'

/** What calling models takes. */
export interface ModelCallsDeps {
  readonly catalogue: Catalogue
  readonly choice: ModelChoice
  readonly ledger: Ledger
  readonly providers: Providers
  readonly llm: LlmOptions
  readonly clock: Clock
  readonly logger: Logger
}

/** Builds the {@link ModelCalls}. A warm `ask` makes two round trips: one before it begins, one after it ended. */
export function createModelCalls(deps: ModelCallsDeps): ModelCalls {
  const { catalogue, choice, ledger, providers, llm, clock, logger } = deps
  const mostOutput = (model: CatalogueModel): number =>
    Math.min(model.maxOutputTokens ?? llm.maxOutputTokens, llm.maxOutputTokens, model.contextTokens)
  const pricing = (model: CatalogueModel, access: ProviderAccess) => {
    // What a server of the user's own charges, nobody here knows.
    const price = access.ownAddress ? undefined : priceAt(model, clock.now())
    const amount = (tokens: Tokens): Amount => ({
      inputTokens: tokens.inputTokens,
      outputTokens: tokens.outputTokens,
      cost: costOf(price, tokens),
    })
    return { priceId: price?.id ?? null, amount }
  }
  const settle = async (usageId: string, amount: Amount): Promise<boolean> => {
    try {
      await ledger.settle(usageId, amount)
      return true
    } catch (error) {
      logger.error('A call of a model could not be settled; it will be swept', { usageId, error })
      return false
    }
  }
  const sized = ({ model, access }: ChosenModel, question: Parameters<ModelCalls['ask']>[1]) => {
    const inputTokens = countInput(access.provider, model.name, question)
    if (inputTokens >= model.contextTokens) {
      throw failBecause('CONTEXT_TOO_LONG', {
        message: `This has about ${inputTokens} tokens and ${model.id} takes ${model.contextTokens}: shorten it or choose another model.`,
      })
    }
    const wanted = Math.min(question.maxOutputTokens ?? mostOutput(model), mostOutput(model))
    return { inputTokens, maxOutputTokens: Math.min(wanted, model.contextTokens - inputTokens) }
  }

  return {
    async chatModel(actor, modelId, field) {
      const { model, access } = await choice.chat(actor.userId, modelId, field)
      return {
        id: model.id,
        contextTokens: model.contextTokens,
        maxOutputTokens: mostOutput(model),
        tools: model.tools,
        countTokens: (text) => access.provider.countTokens(model.name, text),
      }
    },

    async ask(use, question) {
      const chosen = await choice.named(use.actor.userId, question.modelId, 'chat')
      const { model, access } = chosen
      const { inputTokens, maxOutputTokens } = sized(chosen, question)
      question.signal.throwIfAborted()
      const { priceId, amount } = pricing(model, access)
      const held = amount({ inputTokens: heldFor(inputTokens), outputTokens: maxOutputTokens })
      const entry = {
        ...entryOf(use, model, access),
        priceId,
        reservedTokens: held.inputTokens + held.outputTokens,
        reservedCost: held.cost,
        inputTokens,
        settled: false,
      }
      const { id: usageId, noted } = await ledger.reserve(entry, use.alongside)
      const { messages, tools, signal } = question
      const answer = meteredAnswer({
        usageId,
        provider: access.provider,
        request: {
          model: model.name,
          messages,
          ...(tools === undefined ? {} : { tools }),
          maxOutputTokens,
          signal,
        },
        inputTokens,
        ownKey: access.keyId !== null,
        price: amount,
        settle: (total) => settle(usageId, total),
      })
      return { ...answer, noted }
    },

    async embeddingModel() {
      const model = await catalogue.find(llm.embeddingModel)
      if (model?.kind !== 'embedding' || model.dimension === null || !model.enabled) {
        throw failBecause('MODEL_NOT_AVAILABLE', {
          message: `EMBEDDING_MODEL (${llm.embeddingModel}) is no enabled embedding model of the catalogue: an admin has to add it with its dimension (models.create).`,
        })
      }
      return { id: model.id, dimension: model.dimension }
    },

    embed: (use, request) =>
      embedMetered({ catalogue, providers, ledger, settle, pricing, entryOf }, use, request),

    async settleAbandoned(db, usageId, receivedText) {
      const amount = await ledger.settleAbandoned(db, usageId, async (modelId) => {
        const colon = modelId.indexOf(':')
        // Anybody's count will do where the platform has no account: it is the same code.
        const provider = providers.get(modelId.slice(0, colon)) ?? providers.get('demo')
        return provider?.countTokens(modelId.slice(colon + 1), receivedText) ?? receivedText.length
      })
      return amount === null ? null : { usageId, ...amount }
    },
  }
}

function entryOf(use: ModelUse, model: CatalogueModel, access: ProviderAccess): EntryBase {
  return {
    userId: use.actor.userId,
    role: use.actor.role,
    modelId: model.id,
    providerKeyId: access.keyId,
    purpose: use.purpose,
    threadId: use.threadId ?? null,
    replyId: use.replyId ?? null,
    runId: use.runId ?? null,
    traceId: currentContext()?.traceId ?? newTraceId(),
    // Budgets are about what the platform pays.
    counted: access.keyId === null,
  }
}
