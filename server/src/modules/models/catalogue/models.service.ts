import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, failBecause, invalid } from '../../../contract/errors.ts'
import type { Change, UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import { type Database, isUniqueViolation } from '../../../platform/database/index.ts'
import { given } from '../../projects/index.ts'
import type { Model } from '../models.schema.ts'
import { costOf } from '../money.ts'
import { pageOfMemory } from '../paged.ts'
import type { Reach, Reached } from '../providers/reach.ts'
import { CATALOGUE_TAG, type Catalogue } from './catalogue.ts'
import { type CatalogueModel, priceAt } from './catalogue-model.ts'
import * as repository from './models.repository.ts'
import type * as schema from './models.schema.ts'
import { presentModel, presentPrice } from './present-model.ts'

type Call<Input extends z.ZodType> = { readonly actor: Actor; readonly input: z.output<Input> }
type Write<Input extends z.ZodType> = Call<Input> & { readonly unit: UnitOfWork<Model> }

/** The catalogue as its users and admins see it. */
export interface ModelsService {
  /** @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<typeof schema.ModelsListInput>): Promise<z.input<typeof schema.ModelsListOutput>>
  /** @throws NOT_FOUND */
  get(call: Call<typeof schema.ModelsGetInput>): Promise<Model>
  /** @throws NOT_FOUND, MODEL_NOT_AVAILABLE for a model without a price */
  estimateCost(
    call: Call<typeof schema.ModelsEstimateCostInput>,
  ): Promise<z.input<typeof schema.ModelsEstimateCostOutput>>
  /** @throws BAD_REQUEST (`provider`, `dimension`, `enabled`), CONFLICT when it is there */
  create(call: Write<typeof schema.ModelsCreateInput>): Promise<Model>
  /** @throws NOT_FOUND, BAD_REQUEST (`data.enabled`) */
  update(call: Write<typeof schema.ModelsUpdateInput>): Promise<Model>
  /** @throws NOT_FOUND, BAD_REQUEST (`validFrom`), CONFLICT when there is a price from that moment on */
  setPrice(call: Write<typeof schema.ModelsSetPriceInput>): Promise<Model>
  /** @throws NOT_FOUND, BAD_REQUEST (`cursor`, `page`) */
  prices(call: Call<typeof schema.ModelsPricesInput>): Promise<z.input<typeof schema.ModelsPricesOutput>>
}

/** What the service is made of. */
export interface ModelsServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly catalogue: Catalogue
  readonly reach: Reach
}

const MOST_MODELS = 500
/** Clocks of callers differ. */
const PAST_MS = 60_000

/** Builds the {@link ModelsService}. */
export function createModelsService({ database, clock, catalogue, reach }: ModelsServiceDeps): ModelsService {
  const find = async (id: string): Promise<CatalogueModel> => {
    const model = await catalogue.find(id)
    if (model === undefined) throw fail('NOT_FOUND')
    return model
  }
  const shown = async (actor: Actor, model: CatalogueModel): Promise<Model> =>
    presentModel(model, clock.now(), (await reach.of(actor.userId)).has(model))
  /** The model as this transaction leaves it. What can be reached was asked before: a transaction waits for no other. */
  const changed = async (reached: Reached, change: Change, id: string): Promise<Model> => {
    change.invalidate(CATALOGUE_TAG)
    const model = await repository.findModel(change.db, id, clock.now())
    if (model === null) throw fail('NOT_FOUND')
    return presentModel(model, clock.now(), reached.has(model))
  }

  return {
    async list({ actor, input }) {
      const { includeDisabled = false, kind, provider } = input
      const models = (await catalogue.all()).filter(
        (model) =>
          (includeDisabled || model.enabled) &&
          (kind === undefined || model.kind === kind) &&
          (provider === undefined || model.provider === provider),
      )
      const reached = await reach.of(actor.userId)
      const now = clock.now()
      return pageOfMemory(input, {
        scope: { list: 'models', filters: { includeDisabled: String(includeDisabled), kind, provider } },
        items: models,
        nameOf: ({ id }) => id,
        present: (model) => presentModel(model, now, reached.has(model)),
      })
    },

    get: async ({ actor, input }) => await shown(actor, await find(input.id)),

    async estimateCost({ input: { id, ...tokens } }) {
      const price = priceAt(await find(id), clock.now())
      if (price === undefined) {
        throw failBecause('MODEL_NOT_AVAILABLE', {
          message: `${id} has no price: an admin has to set one with models.setPrice.`,
        })
      }
      return { cost: costOf(price, tokens), price: presentPrice(price) }
    },

    async create({ actor, input, unit }) {
      requireComplete(input, reach.providers())
      const { inputPerMillion, outputPerMillion, ...model } = input
      const id = `${input.provider}:${input.name}`
      const now = clock.now()
      const reached = await reach.of(actor.userId)
      return await unit.commit(async (change) => {
        if ((await repository.countModels(change.db)) >= MOST_MODELS) {
          throw fail('CONFLICT', { message: `The catalogue holds ${MOST_MODELS} models at most.` })
        }
        if (!(await repository.insertModel(change.db, { ...model, id, now }))) {
          throw fail('CONFLICT', { message: `There is ${id} already; change it with models.update.` })
        }
        if (inputPerMillion !== undefined && outputPerMillion !== undefined) {
          const price = { inputPerMillion, outputPerMillion }
          await repository.insertPrice(change.db, { modelId: id, ...price, validFrom: now, now })
        }
        change.audit({ targetType: 'model', targetId: id, changes: { ...given(input) } })
        return await changed(reached, change, id)
      })
    },

    async update({ actor, input: { id, data }, unit }) {
      const reached = await reach.of(actor.userId)
      return await unit.commit(async (change) => {
        const now = clock.now()
        const changes = given(data)
        const model = await repository.updateModel(change.db, id, { ...changes, updatedAt: now }, now)
        if (model === null) throw fail('NOT_FOUND')
        if (data.enabled === true && priceAt(model, now) === undefined) {
          throw invalid('data.enabled', 'Give it a price first, with models.setPrice.')
        }
        change.audit({ targetType: 'model', targetId: id, changes })
        change.invalidate(CATALOGUE_TAG)
        return presentModel(model, clock.now(), reached.has(model))
      })
    },

    async setPrice({ actor, input, unit }) {
      const reached = await reach.of(actor.userId)
      return await unit.commit(async (change) => {
        const { id, inputPerMillion, outputPerMillion } = input
        const now = clock.now()
        const validFrom = input.validFrom === undefined ? now : new Date(input.validFrom)
        if (validFrom.getTime() < now.getTime() - PAST_MS) {
          throw invalid('validFrom', 'Give a moment to come: what was charged stays.', input.validFrom)
        }
        const price = { inputPerMillion, outputPerMillion }
        if ((await repository.findModel(change.db, id, now)) === null) throw fail('NOT_FOUND')
        await repository
          .insertPrice(change.db, { modelId: id, ...price, validFrom, now })
          .catch((error: unknown) => {
            if (!isUniqueViolation(error)) throw error
            throw fail('CONFLICT', { message: 'There is a price from that moment on; name another one.' })
          })
        change.audit({
          targetType: 'model',
          targetId: id,
          changes: { ...price, validFrom: validFrom.toISOString() },
        })
        return await changed(reached, change, id)
      })
    },

    async prices({ input }) {
      await find(input.id)
      return await repository.listPrices(database, input)
    },
  }
}

function requireComplete(
  input: z.output<typeof schema.ModelsCreateInput>,
  providers: readonly string[],
): void {
  if (!providers.includes(input.provider)) {
    throw invalid('provider', `Give one of ${providers.join(', ')}.`, input.provider)
  }
  if ((input.kind === 'embedding') !== (input.dimension !== undefined)) {
    throw invalid('dimension', 'Embedding models need it, others have none.')
  }
  if ((input.inputPerMillion === undefined) !== (input.outputPerMillion === undefined)) {
    throw invalid('outputPerMillion', 'Give both prices or none.')
  }
  if (input.enabled && input.inputPerMillion === undefined) {
    throw invalid(
      'enabled',
      'A model without a price cannot be enabled: give both prices, or enabled: false.',
    )
  }
}
