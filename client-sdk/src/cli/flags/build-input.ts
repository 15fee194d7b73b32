import { isRecord } from '../records.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import type { FieldFlag } from './field-flags.ts'
import type { Field } from './fields.ts'
import type { ParsedFlags } from './parse-flags.ts'
import { parseValue } from './parse-value.ts'
import { readJson } from './read-json.ts'
import { withValue } from './with-value.ts'

/** What an input is made of. */
export interface InputParts {
  readonly flags: ParsedFlags
  readonly fields: readonly FieldFlag[]
  readonly positional: Field | undefined
  readonly terminal: Terminal
}

/**
 * Puts the input of a call together: `--json` first, flags over it, the positional over all.
 * @throws UsageError
 */
export async function buildInput({
  flags,
  fields,
  positional,
  terminal,
}: InputParts): Promise<Readonly<Record<string, unknown>>> {
  const base = flags.value('json')
  let input = base === undefined ? {} : requireObject(await readJson('json', base, terminal))
  for (const flag of fields) {
    const value = await valueOfField(flag, flags, terminal)
    if (value !== undefined) input = withValue(input, flag.field.path, value)
  }
  const [first, ...more] = flags.positionals
  if (first === undefined) return input
  if (positional === undefined || more.length > 0) {
    const unexpected = positional === undefined ? first : more[0]
    throw new UsageError(`“${unexpected}” stands alone: give fields by their flags, which --help lists.`)
  }
  if (flags.has(positional.flag))
    throw new UsageError(`${positional.flag} is given twice: as “${first}” and as --${positional.flag}.`)
  return withValue(input, positional.path, parseValue(positional, first))
}

async function valueOfField(
  { field, spec, negation }: FieldFlag,
  flags: ParsedFlags,
  terminal: Terminal,
): Promise<unknown> {
  const isNegated = negation !== undefined && flags.has(negation.name)
  const texts = flags.values(spec.name)
  if (isNegated && texts.length > 0)
    throw new UsageError(`Give either --${spec.name} or --${negation.name}, not both.`)
  if (isNegated) return field.type === 'boolean' && !field.isList ? false : null
  if (texts.length === 0) return undefined
  if (field.type === 'json') return await jsonOf(field, texts, terminal)
  const values = texts.map((text) => parseValue(field, text))
  return field.isList ? values : values.at(-1)
}

/** Of a list each `--tasks` is one item, or all of them. */
async function jsonOf(field: Field, texts: readonly string[], terminal: Terminal): Promise<unknown> {
  const isList = field.schema.type === 'array'
  if (texts.length > 1 && !isList) throw new UsageError(`--${field.flag} is given twice.`)
  const values: unknown[] = []
  for (const text of texts) values.push(await readJson(field.flag, text, terminal))
  if (!isList) return values[0]
  return values.flat()
}

function requireObject(value: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  throw new UsageError('--json takes an object, such as {"title":"…"}.')
}
