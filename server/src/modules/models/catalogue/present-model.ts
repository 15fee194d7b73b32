import type { Model } from '../models.schema.ts'
import { plainDecimal } from '../money.ts'
import { type CatalogueModel, type CataloguePrice, priceAt } from './catalogue-model.ts'

/** A model as answers carry it. */
export function presentModel(model: CatalogueModel, now: Date, reachable: boolean): Model {
  const price = priceAt(model, now)
  const { id, provider, name, title, kind, contextTokens, maxOutputTokens, dimension, tools, enabled } = model
  return {
    id,
    provider,
    name,
    title,
    kind,
    contextTokens,
    maxOutputTokens,
    dimension,
    tools,
    enabled,
    price: price === undefined ? null : presentPrice(price),
    usable: enabled && reachable,
    createdAt: model.createdAt,
    updatedAt: model.updatedAt,
  }
}

/** A price as answers carry it. */
export function presentPrice({ inputPerMillion, outputPerMillion, validFrom }: Omit<CataloguePrice, 'id'>) {
  return {
    inputPerMillion: plainDecimal(inputPerMillion),
    outputPerMillion: plainDecimal(outputPerMillion),
    validFrom,
  }
}
