import { z } from 'zod'

const CataloguePrice = z.object({
  id: z.string(),
  inputPerMillion: z.string(),
  outputPerMillion: z.string(),
  validFrom: z.string(),
})

/** A price of a model: US dollars per million tokens as decimal texts, from a moment on. */
export type CataloguePrice = z.infer<typeof CataloguePrice>

/** A model with the price of now and those to come, the last to come first. */
export const CatalogueModel = z.object({
  id: z.string(),
  provider: z.string(),
  name: z.string(),
  title: z.string(),
  kind: z.enum(['chat', 'embedding']),
  contextTokens: z.int(),
  maxOutputTokens: z.int().nullable(),
  dimension: z.int().nullable(),
  tools: z.boolean(),
  enabled: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  prices: z.array(CataloguePrice),
})

/** A model of the catalogue. */
export type CatalogueModel = z.infer<typeof CatalogueModel>

/** What `model` costs at a moment; undefined when nobody has said. */
export function priceAt(model: Pick<CatalogueModel, 'prices'>, now: Date): CataloguePrice | undefined {
  const moment = now.toISOString()
  return model.prices.find((price) => price.validFrom <= moment)
}

/** What a server that nobody described is taken to hold, until an admin says otherwise (`models.update`). */
export const UNKNOWN_CONTEXT_TOKENS = 8_192

/** A chat model that is not in the catalogue: nobody knows what it holds, or costs. */
export function unlistedModel(provider: string, name: string): CatalogueModel {
  const never = new Date(0).toISOString()
  return {
    id: `${provider}:${name}`,
    provider,
    name,
    title: name,
    kind: 'chat',
    contextTokens: UNKNOWN_CONTEXT_TOKENS,
    maxOutputTokens: null,
    dimension: null,
    tools: true,
    enabled: true,
    createdAt: never,
    updatedAt: never,
    prices: [],
  }
}
