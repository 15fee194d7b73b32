import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { Timestamp, text } from '../../contract/schemas.ts'

/** The id of a model. */
export const ModelId = z
  .string()
  .max(150)
  .regex(/^[a-z][a-z0-9-]{0,39}:[!-~]{1,100}$/, 'Give <provider>:<model>, for example demo:answers.')
  .meta({ examples: ['demo:answers'] })

/** The name of a way of reaching models. */
export const ProviderName = text(1, 40).meta({ examples: ['openai'] })

/** A price as callers give it. */
export const PriceInput = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/, 'Give US dollars as a decimal text, for example "1.25".')
  .meta({ description: 'US dollars per million tokens, a decimal text.', examples: ['1.25'] })

/** What a model costs from a moment on. */
export const Price = z.object({
  inputPerMillion: z
    .string()
    .meta({ description: 'US dollars per million tokens of input.', examples: ['1.25'] }),
  outputPerMillion: z
    .string()
    .meta({ description: 'US dollars per million tokens of output.', examples: ['10'] }),
  validFrom: Timestamp,
})

/** A language model. */
export const Model = named(
  'Model',
  'A language model of the catalogue.',
  z.object({
    id: ModelId,
    provider: z.string().meta({ examples: ['demo'] }),
    name: z.string().meta({ description: 'What the provider calls it.', examples: ['answers'] }),
    title: z.string().meta({ examples: ['Demo: answers from your documents'] }),
    kind: z.enum(['chat', 'embedding']),
    contextTokens: z.int().describe('Tokens that question and answer may have together.'),
    maxOutputTokens: z.int().nullable().describe('Null where only the server’s own limit holds.'),
    dimension: z.int().nullable().describe('How many numbers an embedding has; null for chat models.'),
    tools: z.boolean().describe('Whether it can call tools.'),
    enabled: z.boolean(),
    price: Price.nullable().describe('What it costs now; null when nobody has said.'),
    usable: z.boolean().describe('Whether you can ask it now: enabled, and there is a key for it.'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type Model = z.infer<typeof Model>
