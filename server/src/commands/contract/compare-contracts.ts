import { compareProcedure } from './compare-procedure.ts'
import { compareSchema } from './compare-schema.ts'
import { type Caller, type Contract, callersOf, type Direction } from './contract.ts'
import type { Difference } from './difference.ts'

const EVERYONE: readonly Caller[] = ['SDK', 'REST', 'command', 'tool']

/** Every difference between two contracts, by procedure and then by type. */
export function compareContracts(was: Contract, is: Contract): Difference[] {
  const paths = [...new Set([...Object.keys(was.procedures), ...Object.keys(is.procedures)])].sort()
  return [
    ...paths.flatMap((path) => compareAt(path, was, is)),
    ...(['input', 'output'] as const).flatMap((direction) => compareTypes(direction, was, is)),
    ...compareCatalogue(was, is),
  ]
}

function compareAt(path: string, was: Contract, is: Contract): Difference[] {
  const [before, now] = [was.procedures[path], is.procedures[path]]
  if (before !== undefined && now !== undefined)
    return compareProcedure({ path, was: before, is: now }, was.types, is.types)
  if (now !== undefined) {
    const what = `is new (${now.kind})`
    return [{ verdict: 'additive', section: 'Added', where: path, at: '', what, callers: callersOf(now) }]
  }
  if (before === undefined) return []
  const announced = before.deprecated === null ? '' : `, as announced on ${before.deprecated.since}`
  return [
    {
      verdict: 'breaking',
      section: 'Removed',
      where: path,
      at: '',
      what: `is gone${announced}`,
      callers: callersOf(before),
      instead: 'keep it, also when it was renamed, with `policy.deprecated` naming the new one',
    },
  ]
}

function compareTypes(direction: Direction, was: Contract, is: Contract): Difference[] {
  const [before, now] = [was.types[direction], is.types[direction]]
  return Object.entries(before).flatMap(([name, schema]): Difference[] => {
    const where = `\`${name}\``
    const other = now[name]
    if (other !== undefined) {
      const callers = usersOf(name, direction, was)
      return compareSchema(
        { was: schema, is: other, direction, where, prefix: direction, callers },
        was.types,
        is.types,
      )
    }
    // Whoever has the name in a signature cannot compile; what was made of it is told where it stood.
    if (is.types.input[name] !== undefined || is.types.output[name] !== undefined) return []
    const instead = 'keep the name of the schema; the SDK exports it'
    return [
      {
        verdict: 'breaking',
        section: 'Removed',
        where,
        at: 'name',
        what: 'is exported no more',
        callers: ['SDK'],
        instead,
      },
    ]
  })
}

/** The callers of all procedures in whose schemas a type stands, also inside another. */
function usersOf(name: string, direction: Direction, contract: Contract): Caller[] {
  const holding = new Set([name])
  for (let size = 0; size !== holding.size; ) {
    size = holding.size
    for (const [other, schema] of Object.entries(contract.types[direction]))
      if ([...holding].some((held) => mentions(schema, held))) holding.add(other)
  }
  const users = Object.values(contract.procedures).filter(({ input, output, job }) => {
    const roots = direction === 'input' ? [input] : [output, job?.result]
    return roots.some((root) => [...holding].some((held) => mentions(root, held)))
  })
  return EVERYONE.filter((caller) => users.some((user) => callersOf(user).includes(caller)))
}

function mentions(schema: unknown, name: string): boolean {
  return JSON.stringify(schema)?.includes(`"$ref":"#/$defs/${name}"`) ?? false
}

function compareCatalogue(was: Contract, is: Contract): Difference[] {
  const lists = [
    ['code', was.errors.codes, is.errors.codes],
    ['reason', was.errors.reasons, is.errors.reasons],
  ] as const
  return lists.flatMap(([kind, before, now]) => {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
    return names.flatMap((name): Difference[] => {
      const [old, current] = [before[name], now[name]]
      if (old === current) return []
      const base = { where: 'errors', at: `${kind} ${name}`, callers: EVERYONE }
      if (old === undefined)
        return [{ ...base, verdict: 'additive', section: 'Added', what: `is new: ${current}` }]
      if (current === undefined)
        return [{ ...base, verdict: 'additive', section: 'Removed', what: 'is never answered any more' }]
      const instead = 'keep it, and add another'
      return [
        { ...base, verdict: 'breaking', section: 'Changed', what: `is ${current} now, was ${old}`, instead },
      ]
    })
  })
}
