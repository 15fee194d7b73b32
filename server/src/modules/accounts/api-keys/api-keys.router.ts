import { mutation, query, router } from '../../../contract/procedure.ts'
import {
  ApiKeysCreateInput,
  ApiKeysCreateOutput,
  ApiKeysListInput,
  ApiKeysListOutput,
  ApiKeysRevokeInput,
  ApiKeysRevokeOutput,
} from './api-keys.schema.ts'
import type { ApiKeysService } from './api-keys.service.ts'

const owner = {
  access: { who: 'user' },
  scope: 'session',
  surfaces: { mcp: false, agent: false },
} as const

/** `apiKeys.*`: how programs log in. */
export const createApiKeysRouter = (apiKeys: ApiKeysService) =>
  router({
    create: mutation({
      summary: 'Makes an API key and shows it, this once.',
      description: 'Needs a password proven within 15 minutes. A key has its user’s role, within its scopes.',
      policy: {
        ...owner,
        limit: 'credential',
        audit: 'apiKeys.create',
        batch: false,
        freshMinutes: 15,
        errors: ['REAUTH_REQUIRED', 'TOO_MANY_KEYS'],
      },
      input: ApiKeysCreateInput,
      output: ApiKeysCreateOutput,
      run: ({ actor, input, unit }) => apiKeys.create({ actor, input, unit }),
    }),
    list: query({
      summary: 'Lists the caller’s API keys, newest first.',
      policy: { ...owner, limit: 'read' },
      input: ApiKeysListInput,
      output: ApiKeysListOutput,
      run: ({ actor, input }) => apiKeys.list({ actor, input }),
    }),
    revoke: mutation({
      summary: 'Ends an API key of the caller.',
      policy: {
        ...owner,
        surfaces: { ...owner.surfaces, rest: 'DELETE /api-keys/{id}' },
        limit: 'write',
        audit: 'apiKeys.revoke',
        destructive: true,
      },
      input: ApiKeysRevokeInput,
      output: ApiKeysRevokeOutput,
      run: ({ actor, input, unit }) => apiKeys.revoke({ actor, input, unit }),
    }),
  })
