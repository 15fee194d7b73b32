import type { Insertion } from './edits.ts'
import type { ModuleNames } from './module-names.ts'

/** What is added to files that are there, by path. Order within imports and lines is the formatter’s business. */
export function changesFor({ plural, router, model, type, types }: ModuleNames): Record<string, Insertion[]> {
  const relation = `${router} ${type}[]\n`
  return {
    'server/src/create-modules.ts': [
      { before: 'import ', text: `import { create${types} } from './modules/${plural}/index.ts'\n` },
      {
        before: '  return {',
        text: `  const ${router} = create${types}({ database, clock })\n`,
      },
      { after: '  return {\n', before: '', text: `    ${router},\n` },
    ],
    'server/src/router.ts': [
      { before: 'import ', text: `import type { ${types} } from './modules/${plural}/index.ts'\n` },
      { after: 'export interface Modules {', before: '}\n', text: `  readonly ${router}: ${types}\n` },
      { before: '  }) satisfies AnyTRPCRouter', text: `    ${router}: modules.${router}.router,\n` },
    ],
    'server/src/contract/scopes.ts': [
      { before: '] as const', text: `  '${router}:read',\n  '${router}:write',\n` },
    ],
    'prisma/schema/projects.prisma': [{ after: 'model Project {', before: '\n  @@', text: `  ${relation}` }],
    'prisma/schema/accounts.prisma': [{ after: 'model User {', before: '\n  @@', text: `  ${relation}` }],
    'tests/support/examples/index.ts': [
      { before: 'import ', text: `import { ${model}Examples } from './${plural}.ts'\n` },
      { after: 'export const examples', before: '}\n', text: `  ...${model}Examples,\n` },
    ],
  }
}
