import type { JsonSchema } from '../../contract/json-schema.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { type Direction, typeExpression } from './type-expression.ts'

/** A schema with a name of its own, as one direction sees it. */
interface SharedSchema {
  readonly name: string
  readonly direction: Direction
  readonly schema: JsonSchema
}

/** The named schemas of a registry. */
export interface SharedSchemas {
  readonly declared: readonly SharedSchema[]
  /** The type a `$ref` stands for. */
  nameOf(ref: string, direction: Direction): string
}

const REF = '#/$defs/'

/**
 * Collects the schemas made with `named`. One that looks the same to senders and receivers is printed once; one that
 * does not (defaults are optional to send and always there to get) is `Task` to receive and `TaskInput` to send.
 */
export function sharedSchemas(registry: readonly RegistryEntry[]): SharedSchemas {
  const found = { input: collect(registry, 'input'), output: collect(registry, 'output') }
  const split = splitIds(found.input, found.output)
  const nameOf = (ref: string, direction: Direction): string => {
    const id = ref.slice(REF.length)
    if (!found[direction].has(id)) {
      throw new Error(
        `A schema inside a named one refers to itself as ${ref}: give it a name too, with named().`,
      )
    }
    return direction === 'input' && split.has(id) ? `${id}Input` : id
  }
  const ids = [...new Set([...found.output.keys(), ...found.input.keys()])].sort()
  const declared = ids.flatMap((id) => {
    const output = found.output.get(id)
    const input = output === undefined || split.has(id) ? found.input.get(id) : undefined
    const all: SharedSchema[] = []
    if (output !== undefined) all.push({ name: id, direction: 'output', schema: output })
    if (input !== undefined)
      all.push({ name: nameOf(`${REF}${id}`, 'input'), direction: 'input', schema: input })
    return all
  })
  return { declared, nameOf }
}

function collect(registry: readonly RegistryEntry[], direction: Direction): Map<string, JsonSchema> {
  const found = new Map<string, JsonSchema>()
  for (const entry of registry) {
    const roots = direction === 'output' ? [entry.output, entry.job?.result] : [entry.input]
    for (const [id, schema] of roots.flatMap((root) => Object.entries(root?.$defs ?? {}))) {
      if (!isNameless(id)) found.set(id, schema)
    }
  }
  return found
}

/** The ids whose type differs by direction, by itself or through what it refers to. */
function splitIds(inputs: Map<string, JsonSchema>, outputs: Map<string, JsonSchema>): Set<string> {
  const split = new Set<string>()
  const refs = new Map<string, Set<string>>()
  for (const [id, input] of inputs) {
    const output = outputs.get(id)
    if (output === undefined) continue
    const used = new Set<string>()
    const nameOf = (ref: string) => {
      used.add(ref.slice(REF.length))
      return ref
    }
    if (print(input, 'input', nameOf) !== print(output, 'output', nameOf)) split.add(id)
    refs.set(id, used)
  }
  for (let size = -1; size !== split.size; ) {
    size = split.size
    for (const [id, used] of refs) if ([...used].some((other) => split.has(other))) split.add(id)
  }
  return split
}

function print(schema: JsonSchema, direction: Direction, nameOf: (ref: string) => string): string {
  return typeExpression(schema, { direction, nameOf })
}

/** zod calls schemas that refer to themselves and have no name `__schema0`, `__schema1`, … */
export function isNameless(id: string): boolean {
  return id.startsWith('__')
}
