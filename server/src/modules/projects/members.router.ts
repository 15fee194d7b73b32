import { mutation, query, router } from '../../contract/procedure.ts'
import * as schema from './member.schema.ts'
import type { MembersService } from './members.service.ts'

/** `projects.members.*`. */
export const createMembersRouter = (members: MembersService) =>
  router({
    list: query({
      summary: 'List the members of a project, longest members first.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'projects:read',
        limit: 'read',
      },
      input: schema.ProjectsMembersListInput,
      output: schema.ProjectsMembersListOutput,
      run: (call) => members.list(call),
    }),
    add: mutation({
      summary: 'Add somebody who has an account to a project.',
      policy: {
        surfaces: { rest: 'POST /projects/{projectId}/members' },
        access: { who: 'member', min: 'owner' },
        scope: 'projects:write',
        // It tells whether an address has an account.
        limit: 'lookup',
        audit: 'projects.members.add',
        confirm: true,
        errors: ['ALREADY_MEMBER'],
      },
      input: schema.ProjectsMembersAddInput,
      output: schema.ProjectsMembersAddOutput,
      run: (call) => members.add(call),
    }),
    setRole: mutation({
      summary: 'Give a member another role.',
      policy: {
        surfaces: { rest: 'PUT /projects/{projectId}/members/{userId}/role' },
        access: { who: 'member', min: 'owner' },
        scope: 'projects:write',
        limit: 'write',
        audit: 'projects.members.setRole',
        confirm: true,
        idempotent: true,
        errors: ['LAST_OWNER'],
      },
      input: schema.ProjectsMembersSetRoleInput,
      output: schema.ProjectsMembersSetRoleOutput,
      run: (call) => members.setRole(call),
    }),
    remove: mutation({
      summary: 'Remove a member, or leave a project.',
      description: 'Members may remove themselves, owners anybody. Tasks stay assigned; open streams end.',
      policy: {
        surfaces: { rest: 'DELETE /projects/{projectId}/members/{userId}' },
        access: { who: 'member', min: 'viewer' },
        scope: 'projects:write',
        limit: 'write',
        audit: 'projects.members.remove',
        destructive: true,
        errors: ['LAST_OWNER'],
      },
      input: schema.ProjectsMembersRemoveInput,
      output: schema.ProjectsMembersRemoveOutput,
      run: (call) => members.remove(call),
    }),
  })
