import type { Caller, ContractProcedure } from './contract.ts'
import type { Difference } from './difference.ts'
import { collect, type Pair } from './procedure-pair.ts'

/** The surfaces a procedure is on. */
export function compareSurfaces({ path, was, is }: Pair): Difference[] {
  const found: Difference[] = []
  const add = collect(found, path)
  const surfaces = [
    ['REST', 'rest'],
    ['command', 'command'],
    ['tool', 'tool'],
  ] as const
  for (const [caller, key] of surfaces) {
    if (was[key] !== null && is[key] === null)
      add('breaking', caller, 'is gone', [caller], `keep it with surfaces in its policy`, 'Removed')
    if (was[key] === null && is[key] !== null) add('additive', caller, 'is new', [caller], '', 'Added')
  }
  if (was.tool !== null && is.tool !== null && was.tool.listed !== is.tool.listed)
    add(
      is.tool.listed ? 'additive' : 'breaking',
      'tool',
      is.tool.listed ? 'is listed by name' : 'is found by search only',
      ['tool'],
      "keep surfaces.mcp: 'listed'",
    )
  return found
}

/** Its operation on REST. */
export function compareOperation({ path, was: { rest: was }, is: { rest: is } }: Pair): Difference[] {
  if (was === null || is === null) return []
  const found: Difference[] = []
  const add = collect(found, path)
  const only: Caller[] = ['REST']
  const keep = `write it into the policy: surfaces: { rest: '${was.method} ${was.path}' }`
  if (was.method !== is.method || shapeOf(was.path) !== shapeOf(is.path))
    add('breaking', 'REST', `is ${is.method} ${is.path} now, was ${was.method} ${was.path}`, only, keep)
  for (const field of [...was.pathFields, ...was.queryFields, ...was.bodyFields]) {
    const [before, now] = [placeOf(field, was), placeOf(field, is)]
    if (now !== undefined && before !== now)
      add('breaking', `REST ${field}`, `comes in the ${now} now, came in the ${before}`, only, keep)
  }
  if (was.body !== is.body && was.body !== 'none' && is.body !== 'none')
    add('breaking', 'REST body', `holds ${is.body} now, held ${was.body}`, only, keep)
  if (was.status !== is.status)
    add(
      'breaking',
      'REST status',
      `is ${is.status} now, was ${was.status}`,
      only,
      'answer as before, and as you like in a new procedure',
    )
  if (was.versioned !== is.versioned)
    add(
      'breaking',
      'REST If-Match',
      is.versioned ? 'holds the version now' : 'holds no version any more',
      only,
      'keep the field `version`',
    )
  if (was.located !== is.located)
    add(
      was.located === null ? 'additive' : 'breaking',
      'REST Location',
      `is the address of ${is.located ?? 'nothing'} now`,
      only,
      'keep the procedure that gets what was made',
    )
  return found
}

function placeOf(field: string, operation: NonNullable<ContractProcedure['rest']>): string | undefined {
  if (operation.pathFields.includes(field)) return 'path'
  if (operation.queryFields.includes(field)) return 'query'
  return operation.bodyFields.includes(field) ? 'body' : undefined
}

/** The name of a parameter in the path is no part of the address. */
function shapeOf(path: string): string {
  return path.replaceAll(/\{\w+\}/g, '{}')
}

/** Flags follow from the input, whose differences are told there; what stands without a flag follows from more. */
export function compareCommand({ path, was: { command: was }, is: { command: is } }: Pair): Difference[] {
  if (was === null || is === null || was.positional === null || was.positional === is.positional) return []
  const found: Difference[] = []
  const what = `<${was.positional}> needs its flag now`
  collect(found, path)(
    'breaking',
    'command',
    what,
    ['command'],
    'let one field be the only one that must be sent',
  )
  return found
}
