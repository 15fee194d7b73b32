import { z } from 'zod'
import { named } from '../../../contract/json-schema.ts'
import { Dollars, Id, listOf, pageInput, Timestamp, TimestampInput, text } from '../../../contract/schemas.ts'
import { Model, ModelId, Price, PriceInput, ProviderName } from '../models.schema.ts'

const Kind = z.enum(['chat', 'embedding'])
const Tokens = z.int().min(1).max(100_000_000)

export const ModelsListInput = z.strictObject({
  ...pageInput,
  includeDisabled: z.boolean().optional().describe('Also those that cannot be asked.'),
  kind: Kind.optional(),
  provider: ProviderName.optional(),
})
export const ModelsListOutput = listOf(Model)
export const ModelsGetInput = z.strictObject({ id: ModelId })
export const ModelsGetOutput = Model

export const ModelsEstimateCostInput = z.strictObject({
  id: ModelId,
  inputTokens: z.int().min(0).max(1_000_000_000),
  outputTokens: z.int().min(0).max(1_000_000_000),
})
export const ModelsEstimateCostOutput = z.object({ cost: Dollars, price: Price })

export const ModelsCreateInput = z.strictObject({
  provider: ProviderName,
  name: z
    .string()
    .regex(/^[!-~]{1,100}$/, 'Give what the provider calls it: up to 100 characters without spaces.')
    .meta({ examples: ['llama3.1:8b'] }),
  title: text(1, 100).meta({ examples: ['Llama 3.1 8B'] }),
  kind: Kind,
  contextTokens: Tokens.meta({ examples: [131_072] }),
  maxOutputTokens: Tokens.optional(),
  dimension: z.int().min(1).max(8_192).optional().describe('Of an embedding model, which needs it.'),
  tools: z.boolean().default(false).describe('Whether it can call tools.'),
  enabled: z.boolean().default(true).describe('It can be asked; needs a price.'),
  inputPerMillion: PriceInput.optional(),
  outputPerMillion: PriceInput.optional(),
})
export const ModelsCreateOutput = Model

export const ModelsUpdateInput = z.strictObject({
  id: ModelId,
  data: z.strictObject({
    title: text(1, 100).optional(),
    enabled: z.boolean().optional().describe('Needs a price.'),
    contextTokens: Tokens.optional(),
    maxOutputTokens: Tokens.nullable().optional(),
    tools: z.boolean().optional(),
  }),
})
export const ModelsUpdateOutput = Model

export const ModelsSetPriceInput = z.strictObject({
  id: ModelId,
  inputPerMillion: PriceInput,
  outputPerMillion: PriceInput,
  validFrom: TimestampInput.optional().describe('Now unless given; not in the past.'),
})
export const ModelsSetPriceOutput = Model

export const ModelsPricesInput = z.strictObject({ ...pageInput, id: ModelId })
const PastPrice = named(
  'ModelPrice',
  'What a model cost from a moment on, until the next price.',
  z.object({
    id: Id,
    ...Price.shape,
    shipped: z.boolean().describe('It came with a version of the server; false when an admin set it.'),
    createdAt: Timestamp,
  }),
)
export const ModelsPricesOutput = listOf(PastPrice)
