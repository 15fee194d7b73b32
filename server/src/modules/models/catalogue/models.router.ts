import { mutation, query, router } from '../../../contract/procedure.ts'
import * as schema from './models.schema.ts'
import type { ModelsService } from './models.service.ts'

const read = { access: { who: 'user' }, scope: 'models:read', limit: 'read' } as const
// Names of models have slashes, which no field in a path can have.
const manage = { access: { who: 'admin' }, scope: 'models:write', limit: 'write' } as const

/** `models.*`: the catalogue. */
export const createModelsRouter = (models: ModelsService) =>
  router({
    list: query({
      summary: 'Lists the language models, the default of each provider before its others.',
      description: '`usable` says which of them you can ask now, with the platform’s key or your own.',
      policy: { ...read, surfaces: { mcp: 'listed' } },
      input: schema.ModelsListInput,
      output: schema.ModelsListOutput,
      run: (call) => models.list(call),
    }),
    get: query({
      summary: 'Returns a model, enabled or not.',
      policy: { ...read, surfaces: { rest: 'GET /models/by-id' } },
      input: schema.ModelsGetInput,
      output: schema.ModelsGetOutput,
      run: (call) => models.get(call),
    }),
    estimateCost: query({
      summary: 'Says what so many tokens of a model cost at the price of now.',
      policy: {
        ...read,
        surfaces: { rest: 'GET /models/estimate-cost' },
        errors: ['MODEL_NOT_AVAILABLE'],
      },
      input: schema.ModelsEstimateCostInput,
      output: schema.ModelsEstimateCostOutput,
      run: (call) => models.estimateCost(call),
    }),
    create: mutation({
      summary: 'Adds a model to the catalogue.',
      description: 'Its id is `<provider>:<name>`, for good. Without a price it cannot be enabled.',
      policy: { ...manage, audit: 'models.create' },
      input: schema.ModelsCreateInput,
      output: schema.ModelsCreateOutput,
      run: (call) => models.create(call),
    }),
    update: mutation({
      summary: 'Changes a model’s title and limits, or whether it can be asked.',
      description: 'A model changed this way is left alone by the lists of later versions.',
      policy: { ...manage, audit: 'models.update', surfaces: { rest: 'PATCH /models' } },
      input: schema.ModelsUpdateInput,
      output: schema.ModelsUpdateOutput,
      run: (call) => models.update(call),
    }),
    setPrice: mutation({
      summary: 'Sets what a model costs from now, or from a moment to come.',
      description: 'Earlier prices stay: the ledger names the one that each call went by.',
      policy: { ...manage, audit: 'models.setPrice', surfaces: { rest: 'POST /models/prices' } },
      input: schema.ModelsSetPriceInput,
      output: schema.ModelsSetPriceOutput,
      run: (call) => models.setPrice(call),
    }),
    prices: query({
      summary: 'Lists what a model has cost and will cost, the latest first.',
      policy: { ...read, surfaces: { rest: 'GET /models/prices' } },
      input: schema.ModelsPricesInput,
      output: schema.ModelsPricesOutput,
      run: (call) => models.prices(call),
    }),
  })
