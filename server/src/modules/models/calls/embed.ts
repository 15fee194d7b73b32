import { failBecause, invalid } from '../../../contract/errors.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { CatalogueModel } from '../catalogue/catalogue-model.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Amount, EntryBase } from '../ledger/ledger-entry.ts'
import type { ModelCalls, ModelUse } from '../model-calls.ts'
import type { Tokens } from '../money.ts'
import { noAccess, type ProviderAccess, type Providers } from '../providers/model-access.ts'
import { heldFor } from './count-tokens.ts'
import { costsNothing, providerFailure } from './provider-failure.ts'

/** Works in this process: it cannot fail half-way, and counts as we do. */
const IN_PROCESS = 'demo'

/** What embedding takes. */
export interface EmbedDeps {
  readonly catalogue: Catalogue
  readonly providers: Providers
  readonly ledger: Ledger
  readonly settle: (usageId: string, amount: Amount) => Promise<boolean>
  readonly pricing: (
    model: CatalogueModel,
    access: ProviderAccess,
  ) => { readonly priceId: string | null; readonly amount: (tokens: Tokens) => Amount }
  readonly entryOf: (use: ModelUse, model: CatalogueModel, access: ProviderAccess) => EntryBase
}

/**
 * Makes vectors, always with the platform's key: they are compared with those of other users, so they all have to come
 * from one place. Two round trips; one, beside the work, where the embedder is in this process.
 */
export async function embedMetered(
  deps: EmbedDeps,
  use: ModelUse,
  { modelId, texts, as, signal }: Parameters<ModelCalls['embed']>[1],
): Promise<readonly Float32Array[]> {
  const { model, access } = await embedder(deps, modelId)
  const { provider } = access
  const inputTokens = provider.countTokens(model.name, texts.join('\n'))
  const { priceId, amount } = deps.pricing(model, access)
  const local = provider.name === IN_PROCESS
  const held = amount({ inputTokens: local ? inputTokens : heldFor(inputTokens), outputTokens: 0 })
  signal.throwIfAborted()
  const reserving = deps.ledger.reserve({
    ...deps.entryOf(use, model, access),
    priceId,
    reservedTokens: held.inputTokens,
    reservedCost: held.cost,
    inputTokens,
    settled: local,
  })
  const request = { model: model.name, texts, as, signal }
  if (local) {
    const [{ vectors }] = await Promise.all([provider.embed(request), reserving]).catch((error: unknown) => {
      throw providerFailure(error, { ownKey: false })
    })
    return vectors
  }
  const { id: usageId } = await reserving
  let used: Tokens = { inputTokens: 0, outputTokens: 0 }
  try {
    signal.throwIfAborted()
    used = { inputTokens, outputTokens: 0 }
    const embeddings = await provider.embed(request)
    used = { inputTokens: embeddings.inputTokens, outputTokens: 0 }
    return embeddings.vectors
  } catch (error) {
    if (costsNothing(error)) used = { inputTokens: 0, outputTokens: 0 }
    throw providerFailure(error, { ownKey: false })
  } finally {
    await deps.settle(usageId, amount(used))
  }
}

async function embedder({ catalogue, providers }: EmbedDeps, modelId: string) {
  const model = await catalogue.find(modelId)
  if (model?.kind !== 'embedding') throw invalid('model', 'This is no embedding model.', modelId)
  if (!model.enabled) {
    throw failBecause('MODEL_NOT_AVAILABLE', { message: `${modelId} is not enabled: ask an admin.` })
  }
  const provider = providers.get(model.provider)
  if (provider === undefined) throw noAccess(modelId, model.provider)
  return { model, access: { provider, keyId: null, ownAddress: false } satisfies ProviderAccess }
}
