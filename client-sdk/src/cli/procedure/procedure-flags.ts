import type { Procedure } from '../contract/contract.ts'
import { propertiesOf, resolve } from '../contract/schema.ts'
import { type FieldFlag, fieldFlags } from '../flags/field-flags.ts'
import { type Field, fieldsOf, positionalOf } from '../flags/fields.ts'
import type { FlagSpec } from '../flags/flag-spec.ts'
import { globalFlags } from '../flags/global-flags.ts'

/** Everything that can be typed after the words of a procedure. */
export interface ProcedureFlags {
  /** One for each field of the input. */
  readonly fields: readonly FieldFlag[]
  /** Fields that are asked for or come by `--json`. */
  readonly secrets: readonly Field[]
  readonly positional: Field | undefined
  /** What the command offers for this kind of procedure. */
  readonly own: readonly FlagSpec[]
  /** All of them, and those of every command. */
  readonly all: readonly FlagSpec[]
}

/** Finds out what can be typed after the words of a procedure. */
export function procedureFlags(procedure: Procedure): ProcedureFlags {
  const own = ownFlags(procedure)
  const described = fieldsOf(procedure.input)
  const fields = fieldFlags(described, [...own, ...globalFlags])
  const named = positionalOf(described)
  const negations = fields.flatMap(({ negation }) => negation ?? [])
  return {
    fields,
    secrets: described.filter(({ isSecret }) => isSecret),
    positional: fields.find(({ field }) => field.path.join('.') === named?.path.join('.'))?.field,
    own,
    all: [...fields.map(({ spec }) => spec), ...negations, ...own, ...globalFlags, ...secretFlags(described)],
  }
}

/** Known only to be refused with a reason. */
function secretFlags(fields: readonly Field[]): FlagSpec[] {
  return fields
    .filter(({ isSecret }) => isSecret)
    .map(({ flag }) => ({ name: flag, value: 'secret', description: '', isHidden: true, isList: true }))
}

/** Whether a procedure answers in pages that a cursor leads through. */
function isPaged({ kind, input, output }: Procedure): boolean {
  if (kind !== 'query' || input === undefined) return false
  const has = (schema: typeof output, name: string): boolean =>
    propertiesOf(resolve(schema, schema)).some(([property]) => property === name)
  return has(input, 'cursor') && has(output, 'data') && has(output, 'pagination')
}

function ownFlags(procedure: Procedure): FlagSpec[] {
  const { kind, input, upload, destructive, jobResult } = procedure
  const flags: FlagSpec[] = []
  if (upload) flags.push({ name: 'file', value: 'path', isFile: true, description: 'The file to send.' })
  if (input !== undefined)
    flags.push({
      name: 'json',
      value: '{…}|@file|-',
      isFile: true,
      description: 'The whole input as JSON, from a file, or piped in; flags go over it.',
    })
  if (isPaged(procedure)) flags.push(...PAGES)
  if (kind === 'subscription') flags.push(...STREAM)
  if (jobResult !== undefined)
    flags.push({ name: 'wait', description: 'Wait for the job, and print its result.' })
  if (destructive) flags.push({ name: 'yes', short: 'y', description: 'Do it without being asked.' })
  if (kind === 'mutation')
    flags.push({
      name: 'idempotency-key',
      value: 'key',
      description: 'Calling twice with one key and input happens once.',
    })
  flags.push({ name: 'dry-run', description: 'Check the input and show what would be sent; send nothing.' })
  return flags
}

const PAGES: readonly FlagSpec[] = [
  { name: 'all', description: 'Every page, one row per line (NDJSON).' },
  {
    name: 'max-rows',
    value: 'number',
    description: 'With --all: stop after so many rows. 100,000 unless told.',
  },
]

const STREAM: readonly FlagSpec[] = [
  { name: 'limit', value: 'number', description: 'End after so many events.' },
  {
    name: 'last-event-id',
    value: 'id',
    description: 'Go on after this event; 0 begins with the first one kept.',
  },
]
