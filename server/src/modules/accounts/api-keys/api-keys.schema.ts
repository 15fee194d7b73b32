import { z } from 'zod'
import { named } from '../../../contract/json-schema.ts'
import { Done, Id, listOf, pageInput, Timestamp, TimestampInput, text } from '../../../contract/schemas.ts'
import { scopes } from '../../../contract/scopes.ts'

const KeyScope = named('Scope', 'What an API key can be allowed to do.', z.enum(scopes))

const key = {
  id: Id,
  name: z.string().meta({ examples: ['Nightly import'] }),
  prefix: z
    .string()
    .meta({ description: 'How the key begins, to tell it from others.', examples: ['plk_Xy12Zw34'] }),
  scopes: z.array(KeyScope).meta({ examples: [['tasks:read', 'tasks:write']] }),
  expiresAt: Timestamp.nullable().meta({ examples: [null] }),
  lastUsedAt: Timestamp.nullable().describe('To the minute.'),
  createdAt: Timestamp,
}

/** An API key without its secret. */
export const ApiKey = named('ApiKey', 'An API key, without its secret.', z.object(key))

export const ApiKeysCreateInput = z.strictObject({
  name: text(1, 100).meta({ examples: ['Nightly import'] }),
  scopes: z
    .array(KeyScope)
    .min(1)
    .max(scopes.length)
    .refine((given) => new Set(given).size === given.length, 'Name each scope once.')
    .meta({ examples: [['tasks:read', 'tasks:write']] }),
  expiresAt: TimestampInput.optional().describe('Without it the key does not expire.'),
})
export const ApiKeysCreateOutput = z.object({
  ...key,
  key: z
    .string()
    .meta({ description: 'Shown this once.', examples: ['plk_Xy12Zw34_the-secret-is-shown-this-once'] }),
})
export const ApiKeysListInput = z.strictObject(pageInput)
export const ApiKeysListOutput = listOf(ApiKey)
export const ApiKeysRevokeInput = z.strictObject({ id: Id })
export const ApiKeysRevokeOutput = Done
