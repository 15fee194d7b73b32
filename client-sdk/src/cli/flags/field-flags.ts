import type { Field } from './fields.ts'
import type { FlagSpec } from './flag-spec.ts'

/** A flag of a procedure's input. */
export interface FieldFlag {
  readonly field: Field
  /** Sets the value. */
  readonly spec: FlagSpec
  /** Sets `false`, or null for what may be null; undefined where neither can be. */
  readonly negation: FlagSpec | undefined
}

/**
 * The flags of fields. A field that is called like a flag of the command itself is `--input.<field>`, so that a flag
 * means the same everywhere.
 */
export function fieldFlags(fields: readonly Field[], taken: readonly FlagSpec[]): FieldFlag[] {
  const names = new Set(taken.map(({ name }) => name))
  return fields
    .filter(({ isSecret, isFile }) => !isSecret && !isFile)
    .map((field) => {
      const { flag } = field
      const name = names.has(flag) || flag.startsWith('no-') ? `input.${flag}` : flag
      return {
        field: { ...field, flag: name },
        spec: specOf({ ...field, flag: name }),
        negation: negationOf(field, name),
      }
    })
}

function specOf({ flag, type, isList, choices, description = '' }: Field): FlagSpec {
  const spec = {
    name: flag,
    description,
    isList: isList || type === 'json',
    choices,
    isFile: type === 'json',
  }
  return type === 'boolean' && !isList ? spec : { ...spec, value: valueName(type) }
}

function negationOf({ type, isNullable, isList }: Field, name: string): FlagSpec | undefined {
  if (type === 'boolean' && !isList) return { name: `no-${name}`, description: `Sets ${name} to false.` }
  return isNullable ? { name: `no-${name}`, description: `Sets ${name} to null.` } : undefined
}

function valueName(type: Field['type']): string {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number'
    case 'json':
      return 'json|@file'
    case 'scalar':
      return 'value'
    default:
      return 'text'
  }
}
