import { mutation, query, router } from '../../contract/procedure.ts'
import { NoInput } from '../../contract/schemas.ts'
import * as schema from './flags.schema.ts'
import type { FlagsService } from './flags.service.ts'

/** `flags.*`. */
export const createFlagsRouter = (flags: FlagsService) =>
  router({
    mine: query({
      summary: 'Tells which features are on for the caller.',
      policy: { access: { who: 'user' }, scope: 'flags:read', limit: 'read' },
      input: NoInput,
      output: schema.FlagsMineOutput,
      run: (call) => flags.mine(call),
    }),
    list: query({
      summary: 'Lists the feature flags by name, with who gets them.',
      policy: { access: { who: 'admin' }, scope: 'flags:read', limit: 'read' },
      input: schema.FlagsListInput,
      output: schema.FlagsListOutput,
      run: (call) => flags.list(call),
    }),
    set: mutation({
      summary: 'Decides who gets a feature.',
      description:
        'Takes the place of everything decided before; every process goes by it from its next call on.',
      policy: {
        surfaces: { rest: 'PUT /flags/{flag}' },
        access: { who: 'admin' },
        scope: 'flags:write',
        limit: 'write',
        audit: 'flags.set',
        confirm: true,
        errors: ['VERSION_CONFLICT'],
      },
      input: schema.FlagsSetInput,
      output: schema.FlagsSetOutput,
      run: (call) => flags.set(call),
    }),
    reset: mutation({
      summary: 'Lets a feature be decided by what the code declares again.',
      policy: {
        surfaces: { rest: 'DELETE /flags/{flag}' },
        access: { who: 'admin' },
        scope: 'flags:write',
        limit: 'write',
        audit: 'flags.reset',
        confirm: true,
        idempotent: true,
      },
      input: schema.FlagsResetInput,
      output: schema.FlagsResetOutput,
      run: (call) => flags.reset(call),
    }),
  })
