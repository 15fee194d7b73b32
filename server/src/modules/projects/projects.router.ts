import { mutation, query, router } from '../../contract/procedure.ts'
import { createMembersRouter } from './members.router.ts'
import type { MembersService } from './members.service.ts'
import * as schema from './project.schema.ts'
import type { ProjectsService } from './projects.service.ts'

/** `projects.*`. */
export const createProjectsRouter = (projects: ProjectsService, members: MembersService) =>
  router({
    create: mutation({
      summary: 'Create a project and become its owner.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'user' },
        scope: 'projects:write',
        limit: 'write',
        audit: 'projects.create',
        errors: ['SLUG_TAKEN'],
      },
      input: schema.ProjectsCreateInput,
      output: schema.ProjectsCreateOutput,
      run: (call) => projects.create(call),
    }),
    get: query({
      summary: 'Get a project you are a member of.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'projects:read',
        limit: 'read',
      },
      input: schema.ProjectsGetInput,
      output: schema.ProjectsGetOutput,
      run: (call) => projects.get(call),
    }),
    list: query({
      summary: 'List the projects you are a member of, newest first.',
      policy: { surfaces: { mcp: 'listed' }, access: { who: 'user' }, scope: 'projects:read', limit: 'read' },
      input: schema.ProjectsListInput,
      output: schema.ProjectsListOutput,
      run: (call) => projects.list(call),
    }),
    update: mutation({
      summary: 'Change a project.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'owner' },
        scope: 'projects:write',
        limit: 'write',
        audit: 'projects.update',
        errors: ['SLUG_TAKEN', 'VERSION_CONFLICT'],
      },
      input: schema.ProjectsUpdateInput,
      output: schema.ProjectsUpdateOutput,
      run: (call) => projects.update(call),
    }),
    delete: mutation({
      summary: 'Delete a project with its tasks; an owner can restore it.',
      policy: {
        access: { who: 'member', min: 'owner' },
        scope: 'projects:write',
        limit: 'write',
        audit: 'projects.delete',
        destructive: true,
      },
      input: schema.ProjectsDeleteInput,
      output: schema.ProjectsDeleteOutput,
      run: (call) => projects.delete(call),
    }),
    restore: mutation({
      summary: 'Bring a deleted project back.',
      description: 'A project that is not deleted stays as it is.',
      policy: {
        access: { who: 'member', min: 'owner' },
        scope: 'projects:write',
        limit: 'write',
        audit: 'projects.restore',
        idempotent: true,
      },
      input: schema.ProjectsRestoreInput,
      output: schema.ProjectsRestoreOutput,
      run: (call) => projects.restore(call),
    }),
    members: createMembersRouter(members),
  })
