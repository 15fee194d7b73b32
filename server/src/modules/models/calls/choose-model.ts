import { failBecause, invalid } from '../../../contract/errors.ts'
import type { LlmOptions } from '../../../platform/llm/llm-options.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { type CatalogueModel, unlistedModel } from '../catalogue/catalogue-model.ts'
import { type ModelAccess, noAccess, type ProviderAccess } from '../providers/model-access.ts'
import type { ReadUserSettings } from '../providers/user-settings.ts'

/** A model and the way one user reaches it. */
export interface ChosenModel {
  readonly model: CatalogueModel
  readonly access: ProviderAccess
}

/** Which model a call uses. */
export interface ModelChoice {
  /**
   * The chat model named, else the first of the user's preferred provider that can be asked, else the server's.
   * @throws BAD_REQUEST naming `field`, MODEL_NOT_AVAILABLE saying what to do
   */
  chat(userId: string, modelId: string | null | undefined, field?: string): Promise<ChosenModel>
  /** @throws BAD_REQUEST naming `field`, `model` unless given; MODEL_NOT_AVAILABLE */
  named(userId: string, modelId: string, kind: CatalogueModel['kind'], field?: string): Promise<ChosenModel>
}

/** What it takes to choose. */
export interface ModelChoiceDeps {
  readonly catalogue: Catalogue
  readonly access: ModelAccess
  readonly settingsOf: ReadUserSettings
  readonly llm: Pick<LlmOptions, 'defaultProvider' | 'defaultModel'>
}

/** Builds the {@link ModelChoice}. */
export function createModelChoice({ catalogue, access, settingsOf, llm }: ModelChoiceDeps): ModelChoice {
  /** What a server of the user's own has, nobody here knows: any name will do there. */
  const onOwnServer = async (userId: string, modelId: string): Promise<CatalogueModel | undefined> => {
    const [provider = '', ...rest] = modelId.split(':')
    const { keys } = await settingsOf(userId)
    const own = keys.some((key) => key.provider === provider && key.baseUrl !== null)
    return own && rest.length > 0 ? unlistedModel(provider, rest.join(':')) : undefined
  }

  const named: ModelChoice['named'] = async (userId, modelId, kind, field = 'model') => {
    const model = (await catalogue.find(modelId)) ?? (await onOwnServer(userId, modelId))
    if (model === undefined) throw invalid(field, 'There is no such model; see models.list.', modelId)
    if (model.kind !== kind) throw invalid(field, `This is not a model for ${kind}.`, modelId)
    if (!model.enabled) {
      throw failBecause('MODEL_NOT_AVAILABLE', {
        message: `${modelId} is not enabled: choose another of models.list, or ask an admin.`,
      })
    }
    const reached = await access.of(userId, model.provider)
    if (reached === null) throw noAccess(modelId, model.provider)
    return { model, access: reached }
  }

  const preferred = async (userId: string): Promise<ChosenModel | null> => {
    const settings = await settingsOf(userId)
    if (settings.preferredProvider === null) return null
    const model = firstOf(await catalogue.all(), settings.preferredProvider)
    const reached = model === undefined ? null : access.from(userId, settings, model.provider)
    return model === undefined || reached === null ? null : { model, access: reached }
  }

  const serverDefault = async (userId: string): Promise<ChosenModel> => {
    const { defaultProvider, defaultModel } = llm
    const models = await catalogue.all()
    const model =
      defaultModel === undefined
        ? firstOf(models, defaultProvider)
        : models.find(({ id, enabled }) => enabled && id === `${defaultProvider}:${defaultModel}`)
    if (model === undefined) {
      throw failBecause('MODEL_NOT_AVAILABLE', {
        message: `The server's default (${defaultProvider}${defaultModel === undefined ? '' : `:${defaultModel}`}) is no enabled model of the catalogue: name another, or ask an admin.`,
      })
    }
    return await named(userId, model.id, 'chat')
  }

  return {
    named,
    async chat(userId, modelId, field) {
      if (modelId !== undefined && modelId !== null) return await named(userId, modelId, 'chat', field)
      return (await preferred(userId)) ?? (await serverDefault(userId))
    },
  }
}

function firstOf(models: readonly CatalogueModel[], provider: string): CatalogueModel | undefined {
  return models.find((model) => model.provider === provider && model.kind === 'chat' && model.enabled)
}
