import type { JsonSchema } from '../../contract/json-schema.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { isTypeName, pascalCase } from './names.ts'
import { isNameless, sharedSchemas } from './shared-schemas.ts'
import { type Direction, isObjectShape, type PrintScope, typeExpression } from './type-expression.ts'

/** One exported type. */
export interface Declaration {
  readonly name: string
  readonly doc: readonly (string | undefined)[]
  readonly isObject: boolean
  readonly type: string
}

/** What a procedure's types are called. */
export interface ProcedureNames {
  /** Null for a procedure that takes nothing. */
  readonly input: string | null
  /** The answer or, for a subscription, one event. */
  readonly output: string
  /** What the job of the procedure answers; null for procedures without one. */
  readonly result: string | null
  readonly error: string
}

/** The names printed for one procedure. */
export function namesOf(entry: RegistryEntry): ProcedureNames {
  const base = pascalCase(entry.path)
  return {
    input: entry.input === null ? null : `${base}Input`,
    output: entry.kind === 'subscription' ? `${base}Event` : `${base}Output`,
    result: entry.job === null ? null : `${base}Result`,
    error: `${base}Error`,
  }
}

/**
 * Every type of a registry: schemas with a name first, then each procedure's own.
 *
 * @throws when two of them would have the same name
 */
export function declarationsOf(registry: readonly RegistryEntry[]): Declaration[] {
  const shared = sharedSchemas(registry)
  const declarations: Declaration[] = []
  for (const { name, schema, direction } of shared.declared) {
    const scope = { direction, nameOf: (ref: string) => shared.nameOf(ref, direction) }
    declarations.push(declaration(name, schema, scope, [schema.description]))
  }
  for (const entry of registry) {
    const names = namesOf(entry)
    if (entry.input !== null && names.input !== null) {
      const doc = `What \`${entry.path}\` takes.`
      declarations.push(...ofRoot(names.input, entry.input, 'input', shared.nameOf, doc))
    }
    const doc = `What \`${entry.path}\` ${entry.kind === 'subscription' ? 'sends' : 'answers'}.`
    declarations.push(...ofRoot(names.output, entry.output, 'output', shared.nameOf, doc))
    if (entry.job !== null && names.result !== null) {
      const ofJob = `What the job of \`${entry.path}\` answers.`
      declarations.push(...ofRoot(names.result, entry.job.result, 'output', shared.nameOf, ofJob))
    }
  }
  requireDistinct(declarations)
  return declarations
}

/** A procedure's type and the nameless types that refer to themselves inside it. */
function ofRoot(
  name: string,
  schema: JsonSchema,
  direction: Direction,
  sharedName: (ref: string, direction: Direction) => string,
  doc: string,
): Declaration[] {
  const parts = Object.entries(schema.$defs ?? {}).filter(([id]) => isNameless(id))
  const partNames = new Map(parts.map(([id], index) => [`#/$defs/${id}`, `${name}Part${index + 1}`]))
  const nameOf = (ref: string) => (ref === '#' ? name : (partNames.get(ref) ?? sharedName(ref, direction)))
  const scope = { direction, nameOf }
  return [
    declaration(name, schema, scope, [schema.description ?? doc]),
    ...parts.map(([id, part]) =>
      declaration(nameOf(`#/$defs/${id}`), part, scope, [part.description ?? `Part of {@link ${name}}.`]),
    ),
  ]
}

function declaration(
  name: string,
  schema: JsonSchema,
  scope: PrintScope,
  doc: readonly (string | undefined)[],
): Declaration {
  const type = typeExpression(schema, scope)
  return { name, doc, isObject: isObjectShape(schema) && type.startsWith('{'), type }
}

function requireDistinct(declarations: readonly Declaration[]): void {
  const seen = new Set<string>()
  for (const { name } of declarations) {
    if (!isTypeName(name))
      throw new Error(`"${name}" cannot be the name of a type: rename the procedure or schema.`)
    if (seen.has(name)) {
      throw new Error(
        `Two types of the SDK would be called ${name}: rename the procedure or the named schema.`,
      )
    }
    seen.add(name)
  }
}
