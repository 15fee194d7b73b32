import type { ModuleNames } from '../module-names.ts'

/** `<plural>.router.ts`. */
export const routerTemplate = ({
  plural,
  router,
  types,
  one,
  many,
}: ModuleNames): string => `import { mutation, query, router } from '../../contract/procedure.ts'
import * as schema from './${plural}.schema.ts'
import type { ${types}Service } from './${plural}.service.ts'

/** \`${router}.*\`. */
export const create${types}Router = (service: ${types}Service) =>
  router({
    create: mutation({
      summary: 'Create ${one} in a project.',
      policy: {
        access: { who: 'member', min: 'editor' },
        scope: '${router}:write',
        limit: 'write',
        audit: '${router}.create',
      },
      input: schema.${types}CreateInput,
      output: schema.${types}CreateOutput,
      run: (call) => service.create(call),
    }),
    get: query({
      summary: 'Get ${one}.',
      policy: { access: { who: 'member', min: 'viewer' }, scope: '${router}:read', limit: 'read' },
      input: schema.${types}GetInput,
      output: schema.${types}GetOutput,
      run: (call) => service.get(call),
    }),
    list: query({
      summary: 'List the ${many} of a project, newest first.',
      policy: { access: { who: 'member', min: 'viewer' }, scope: '${router}:read', limit: 'read' },
      input: schema.${types}ListInput,
      output: schema.${types}ListOutput,
      run: (call) => service.list(call),
    }),
    update: mutation({
      summary: 'Change ${one}.',
      policy: {
        access: { who: 'member', min: 'editor' },
        scope: '${router}:write',
        limit: 'write',
        audit: '${router}.update',
        errors: ['VERSION_CONFLICT'],
      },
      input: schema.${types}UpdateInput,
      output: schema.${types}UpdateOutput,
      run: (call) => service.update(call),
    }),
    delete: mutation({
      summary: 'Delete ${one} for good.',
      policy: {
        access: { who: 'member', min: 'editor' },
        scope: '${router}:write',
        limit: 'write',
        audit: '${router}.delete',
        destructive: true,
      },
      input: schema.${types}DeleteInput,
      output: schema.${types}DeleteOutput,
      run: (call) => service.delete(call),
    }),
  })
`
