import { mutation, query, router } from '../../../contract/procedure.ts'
import { NoInput } from '../../../contract/schemas.ts'
import type { UserRightsService } from './user-rights.service.ts'
import {
  UsersDeleteOutput,
  UsersGetByEmailInput,
  UsersGetInput,
  UsersListInput,
  UsersListOutput,
  UsersSetPlanInput,
  UsersSetRoleInput,
  UsersStatsOutput,
  UsersUpdateInput,
  UsersUserInput,
  UsersUserOutput,
} from './users.schema.ts'
import type { UsersService } from './users.service.ts'

const read = { scope: 'users:read', limit: 'read' } as const

/** `users.*`: accounts. */
export const createUsersRouter = (users: UsersService, rights: UserRightsService) =>
  router({
    me: query({
      summary: 'Returns the account of the caller.',
      policy: { surfaces: { mcp: 'listed' }, ...read, access: { who: 'user' } },
      input: NoInput,
      output: UsersUserOutput,
      run: ({ actor }) => users.me({ actor }),
    }),
    get: query({
      summary: 'Returns an account: one’s own, or for admins any.',
      policy: { ...read, access: { who: 'self' } },
      input: UsersGetInput,
      output: UsersUserOutput,
      run: ({ actor, input }) => users.get({ actor, input }),
    }),
    getByEmail: query({
      summary: 'Returns the account with an e-mail address: one’s own, or for admins any.',
      policy: {
        ...read,
        surfaces: { rest: 'GET /users/by-email' },
        access: { who: 'self' },
        limit: 'lookup',
      },
      input: UsersGetByEmailInput,
      output: UsersUserOutput,
      run: ({ actor, input }) => users.getByEmail({ actor, input }),
    }),
    list: query({
      summary: 'Lists accounts, newest first.',
      policy: { ...read, access: { who: 'admin' } },
      input: UsersListInput,
      output: UsersListOutput,
      run: ({ input }) => users.list({ input }),
    }),
    update: mutation({
      summary: 'Changes a profile: one’s own, or for admins any.',
      policy: { access: { who: 'self' }, scope: 'users:write', limit: 'write', audit: 'users.update' },
      input: UsersUpdateInput,
      output: UsersUserOutput,
      run: ({ actor, input, unit }) => users.update({ actor, input, unit }),
    }),
    setRole: mutation({
      summary: 'Gives a user another role.',
      policy: {
        surfaces: { rest: 'PUT /users/{id}/role' },
        access: { who: 'super_admin' },
        scope: 'session',
        limit: 'write',
        audit: 'users.setRole',
      },
      input: UsersSetRoleInput,
      output: UsersUserOutput,
      run: ({ actor, input, unit }) => rights.setRole({ actor, input, unit }),
    }),
    setPlan: mutation({
      summary: 'Says whether a user is a beta tester and what they have subscribed to.',
      description: 'Feature flags go by it; it takes effect with the next call.',
      policy: {
        surfaces: { rest: 'PATCH /users/{id}/plan' },
        access: { who: 'admin' },
        scope: 'users:write',
        limit: 'write',
        audit: 'users.setPlan',
        confirm: true,
      },
      input: UsersSetPlanInput,
      output: UsersUserOutput,
      run: ({ input, unit }) => users.setPlan({ input, unit }),
    }),
    suspend: mutation({
      summary: 'Locks a user out until unsuspended.',
      policy: {
        access: { who: 'admin' },
        scope: 'session',
        limit: 'write',
        audit: 'users.suspend',
        destructive: true,
      },
      input: UsersUserInput,
      output: UsersUserOutput,
      run: ({ actor, input, unit }) => rights.suspend({ actor, input, unit }),
    }),
    unsuspend: mutation({
      summary: 'Lets a suspended user in again.',
      policy: { access: { who: 'admin' }, scope: 'session', limit: 'write', audit: 'users.unsuspend' },
      input: UsersUserInput,
      output: UsersUserOutput,
      run: ({ actor, input, unit }) => rights.unsuspend({ actor, input, unit }),
    }),
    delete: mutation({
      summary: 'Ends an account for good: one’s own, or for admins another’s.',
      description:
        'Projects nobody else is left in are deleted with it. Refused while it is the last owner of a project with other members.',
      policy: {
        access: { who: 'self' },
        scope: 'session',
        limit: 'write',
        audit: 'users.delete',
        freshMinutes: 15,
        destructive: true,
        errors: ['REAUTH_REQUIRED', 'LAST_SUPER_ADMIN', 'LAST_OWNER'],
      },
      input: UsersUserInput,
      output: UsersDeleteOutput,
      run: ({ actor, input, unit }) => rights.delete({ actor, input, unit }),
    }),
    stats: query({
      summary: 'Counts what a user works on: one’s own, or for admins anybody’s.',
      policy: { ...read, access: { who: 'self' } },
      input: UsersUserInput,
      output: UsersStatsOutput,
      run: ({ actor, input }) => users.stats({ actor, input }),
    }),
  })
