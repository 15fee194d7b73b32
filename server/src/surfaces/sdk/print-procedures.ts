import type { RegistryEntry } from '../../contract/registry.ts'
import { quoted } from './names.ts'

/** `procedures.ts`: what the client must know at run time of each procedure, and nothing more. */
export function printProcedures(registry: readonly RegistryEntry[]): string {
  const lines = registry.map(({ path, kind, policy, job }) => {
    const batch = policy.batch === false || kind !== 'query' ? '' : ', batch: true'
    const handle = job === null ? '' : ', job: true'
    return `  ${quoted(path)}: { kind: '${kind}'${batch}${handle} },`
  })
  return [
    `import type { ProcedureFacts } from '../procedures.ts'\n`,
    '/** Every procedure by its path. `batch`: it may travel in one request with others; `job`: it answers with a job. */',
    `export const procedures: Readonly<Record<string, ProcedureFacts>> = {\n${lines.join('\n')}\n}\n`,
  ].join('\n')
}
