import type { CommandNode } from '../contract/command-tree.ts'
import type { Procedure } from '../contract/contract.ts'
import type { Field } from '../flags/fields.ts'
import { procedureFlags } from '../procedure/procedure-flags.ts'
import { isRecord } from '../records.ts'

/** A command line that works, as help shows it: of the server's example, else of what is required. */
export function exampleOf(node: CommandNode, procedure: Procedure): string[] {
  const { fields, positional } = procedureFlags(procedure)
  const words = [`plinth ${node.words.join(' ')}`]
  const given = (field: Field): unknown =>
    at(procedure.example, field.path) ?? (field.isRequired ? madeUp(field) : undefined)
  const operand = positional === undefined ? undefined : given(positional)
  if (operand !== undefined) words.push(quoted(operand))
  if (procedure.upload) words.push('--file ./picture.png')
  for (const { field } of fields) {
    if (field.flag === positional?.flag) continue
    const isOuter = fields.some(({ field: other }) => isBelow(other, field) && given(other) !== undefined)
    const value = isOuter ? undefined : given(field)
    if (value !== undefined) words.push(...flagsFor(field, value))
  }
  return [`  ${words.join(' ')}`]
}

function isBelow(other: Field, field: Field): boolean {
  return (
    other.path.length > field.path.length && field.path.every((name, index) => other.path[index] === name)
  )
}

function flagsFor(field: Field, value: unknown): string[] {
  if (value === null) return [`--no-${field.flag}`]
  if (field.type === 'boolean' && !field.isList)
    return [value === true ? `--${field.flag}` : `--no-${field.flag}`]
  if (field.isList && Array.isArray(value))
    return value.slice(0, 3).map((item) => `--${field.flag} ${quoted(item)}`)
  return [`--${field.flag} ${quoted(value)}`]
}

function at(value: unknown, path: readonly string[]): unknown {
  let current = value
  for (const name of path) current = isRecord(current) ? current[name] : undefined
  return current
}

function madeUp(field: Field): unknown {
  if (field.choices.length > 0) return field.choices[0]
  if (field.type === 'integer' || field.type === 'number') return field.schema.minimum ?? 1
  if (field.type === 'boolean') return true
  if (field.type === 'json') return field.schema.type === 'array' ? '@items.json' : undefined
  return field.schema.format === 'uuid' ? '0199f3a0-5b7e-7cc3-9a1e-2f64c1f0a7d1' : `<${field.flag}>`
}

/** As a POSIX shell reads it back. */
function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
