import { type RegistryEntry, takesFile } from '../../contract/registry.ts'
import { quoted } from './names.ts'

/** `procedures.ts`: what the client must know at run time of each procedure, and nothing more. */
export function printProcedures(registry: readonly RegistryEntry[]): string {
  const lines = registry.map((entry) => {
    const { path, kind, policy, job } = entry
    const batch = policy.batch === false || kind !== 'query' ? '' : ', batch: true'
    const file = takesFile(entry) ? ', upload: true' : ''
    const handle = job === null ? '' : ', job: true'
    return `  ${quoted(path)}: { kind: '${kind}'${batch}${handle}${file} },`
  })
  return [
    `import type { ProcedureFacts } from '../procedures.ts'\n`,
    '/** Every procedure by its path. `batch`: it may travel in one request with others; `job`: it answers with a job; `upload`: it takes a file. */',
    `export const procedures: Readonly<Record<string, ProcedureFacts>> = {\n${lines.join('\n')}\n}\n`,
  ].join('\n')
}
