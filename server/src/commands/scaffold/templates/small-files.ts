import type { ModuleNames } from '../module-names.ts'

/** `<plural>.presenter.ts`. */
export const presenterTemplate = ({
  plural,
  type,
  one,
}: ModuleNames): string => `import { isoOf, type Moment } from '../../platform/pagination/moments.ts'
import type { ${type} } from './${plural}.schema.ts'

/** The columns of ${one}, as the repository reads them. */
export interface ${type}Row {
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly createdById: string | null
  readonly version: number
  readonly createdAt: Moment
  readonly updatedAt: Moment
}

/** ${one.replace(/^./, (letter) => letter.toUpperCase())} as it leaves. */
export function present${type}(row: ${type}Row): ${type} {
  return {
    id: row.id,
    projectId: row.projectId,
    name: row.name,
    createdById: row.createdById,
    version: row.version,
    createdAt: isoOf(row.createdAt),
    updatedAt: isoOf(row.updatedAt),
  }
}
`

/** `index.ts`. */
export const indexTemplate = ({
  plural,
  types,
  many,
}: ModuleNames): string => `import { create${types}Router } from './${plural}.router.ts'
import { create${types}Service, type ${types}ServiceDeps } from './${plural}.service.ts'

/** Builds the module of ${many}. */
export function create${types}(deps: ${types}ServiceDeps) {
  return { router: create${types}Router(create${types}Service(deps)) }
}

/** The module of ${many} as the composition root holds it. */
export type ${types} = ReturnType<typeof create${types}>
`

/** The example inputs that the tests of all procedures call with. */
export const examplesTemplate = ({
  router,
  model,
  type,
  one,
}: ModuleNames): string => `import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

/** Makes ${one} in \`projectId\` and returns its id. */
async function add(world: World, projectId: string): Promise<string> {
  const { id } = await world.server.database.prisma.${model}.create({ data: { projectId, name: '${type}' } })
  return id
}

/** Examples of \`${router}.*\`. */
export const ${model}Examples: Record<string, ExampleFactory> = {
  '${router}.create': async (world) => ({
    input: { projectId: (await world.project()).projectId, name: 'New' },
  }),
  '${router}.get': async (world) => ({ input: { id: await add(world, world.alpha.projectId) } }),
  '${router}.list': async (world) => ({ input: { projectId: world.alpha.projectId, limit: 5 } }),
  '${router}.update': async (world) => ({
    input: { id: await add(world, (await world.project()).projectId), data: { name: 'Changed' }, version: 1 },
  }),
  '${router}.delete': async (world) => ({
    input: { id: await add(world, (await world.project()).projectId) },
  }),
}
`
