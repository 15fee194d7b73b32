import { mutation, query, router } from '../../../contract/procedure.ts'
import * as schema from './providers.schema.ts'
import type { ProvidersService } from './providers.service.ts'

// Whoever sets a key or an address says where this user's conversations go.
const owner = {
  access: { who: 'user' },
  scope: 'session',
  surfaces: { mcp: false, agent: false },
} as const

/** `providers.*`: ways of reaching models, and users' own keys there. */
export const createProvidersRouter = (providers: ProvidersService) =>
  router({
    list: query({
      summary: 'Lists the ways of reaching models, with the end of your own key where you have one.',
      policy: { access: { who: 'user' }, scope: 'models:read', limit: 'read' },
      input: schema.ProvidersListInput,
      output: schema.ProvidersListOutput,
      run: (call) => providers.list(call),
    }),
    setKey: mutation({
      summary: 'Keeps a key of your own at a provider; your calls go by it from then on.',
      description:
        'Needs a password proven within 15 minutes. The key is sealed, shown to nobody again, and sent to this provider and address only. What it is used for is in your usage, and takes nothing from your budgets.',
      policy: {
        ...owner,
        surfaces: { ...owner.surfaces, rest: 'PUT /providers/key' },
        limit: 'credential',
        audit: 'providers.setKey',
        batch: false,
        freshMinutes: 15,
        errors: ['REAUTH_REQUIRED', 'INVALID_URL'],
      },
      input: schema.ProvidersSetKeyInput,
      output: schema.ProvidersSetKeyOutput,
      run: (call) => providers.setKey(call),
    }),
    removeKey: mutation({
      summary: 'Forgets a key of your own.',
      policy: {
        ...owner,
        surfaces: { ...owner.surfaces, rest: 'DELETE /providers/key' },
        limit: 'write',
        audit: 'providers.removeKey',
        destructive: true,
      },
      input: schema.ProvidersRemoveKeyInput,
      output: schema.ProvidersRemoveKeyOutput,
      run: (call) => providers.removeKey(call),
    }),
    test: mutation({
      summary: 'Asks a provider, with your own key, for an answer of a word.',
      description: 'A key that does not work is an answer, not a failure: `reason` says why.',
      policy: {
        ...owner,
        surfaces: { ...owner.surfaces, rest: 'POST /providers/test' },
        limit: 'model',
        audit: 'providers.test',
        errors: ['MODEL_NOT_AVAILABLE'],
      },
      input: schema.ProvidersTestInput,
      output: schema.ProvidersTestOutput,
      run: (call) => providers.test(call),
    }),
  })
