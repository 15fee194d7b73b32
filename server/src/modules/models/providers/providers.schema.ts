import { z } from 'zod'
import { named } from '../../../contract/json-schema.ts'
import { Done, listOf, pageInput, Timestamp, text } from '../../../contract/schemas.ts'
import { ProviderName } from '../models.schema.ts'

const OwnKey = z.object({
  lastFour: z.string().meta({ description: 'How it ends.', examples: ['x9Qf'] }),
  baseUrl: z.string().nullable().describe('Where it is sent; null for the provider’s own address.'),
  updatedAt: Timestamp,
})

const Provider = named(
  'Provider',
  'A way of reaching language models.',
  z.object({
    name: ProviderName,
    title: z.string().meta({ examples: ['OpenAI'] }),
    configured: z.boolean().describe('The platform has a key, so that everybody may ask.'),
    takesKey: z.boolean().describe('You may set a key of your own.'),
    takesBaseUrl: z.boolean().describe('You may set an address of your own with it.'),
    needsBaseUrl: z.boolean().describe('A key of your own needs an address with it.'),
    key: OwnKey.nullable().describe('Your own; it goes before the platform’s.'),
    usable: z.boolean().describe('There is a key for you, the platform’s or your own.'),
  }),
)
export type Provider = z.infer<typeof Provider>

export const ProvidersListInput = z.strictObject(pageInput)
export const ProvidersListOutput = listOf(Provider)

export const ProvidersSetKeyInput = z.strictObject({
  provider: ProviderName,
  apiKey: z
    .string()
    .min(8)
    .max(500)
    .regex(/^[!-~]+$/, 'Give the key as the provider shows it, without spaces.')
    .meta({ examples: ['the-key-as-the-provider-shows-it'] }),
  baseUrl: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Only where `takesBaseUrl`: the address of your own server, for example https://llm.example.com/v1.',
    ),
})
export const ProvidersSetKeyOutput = Provider
export const ProvidersRemoveKeyInput = z.strictObject({ provider: ProviderName })
export const ProvidersRemoveKeyOutput = Done

export const ProvidersTestInput = z.strictObject({
  provider: ProviderName,
  model: text(1, 100)
    .optional()
    .meta({
      description: 'What the provider calls it; the first of the catalogue unless given.',
      examples: ['gpt-4.1'],
    }),
})
export const ProvidersTestOutput = z.object({
  ok: z.boolean().describe('The provider answered.'),
  reason: z
    .string()
    .nullable()
    .meta({
      description: 'Why not, as calls of models would fail: PROVIDER_KEY_REFUSED and others.',
      examples: [null],
    }),
  message: z.string().meta({ examples: ['The provider answered.'] }),
})
