import { query, router } from '../../contract/procedure.ts'
import { NoInput } from '../../contract/schemas.ts'
import type { Clock } from '../../platform/clock.ts'
import * as schema from './system.schema.ts'

/** `system.*`. */
export const createSystemRouter = ({ clock }: { readonly clock: Clock }) =>
  router({
    ping: query({
      summary: 'Answers that the server is there, and what time it has.',
      description:
        'Asks nothing of the database: it tells how long a call takes that does nothing. `/readyz` tells whether the parts work.',
      policy: {
        access: { who: 'public' },
        scope: 'none',
        limit: 'read',
        // Models act for somebody, and have no use for it.
        surfaces: { mcp: false, agent: false },
      },
      input: NoInput,
      output: schema.SystemPingOutput,
      run: async () => ({ ok: true, time: clock.now().toISOString() }) as const,
    }),
  })
