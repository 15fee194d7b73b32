import { UsageError } from '../usage-error.ts'
import { similar } from '../words.ts'
import type { Field } from './fields.ts'

/** Makes the text of a flag the value of its field. Not for `json`, which may have to be read. @throws UsageError */
export function parseValue(field: Field, text: string): unknown {
  if (field.choices.length > 0 && !field.choices.includes(text)) {
    const [near] = similar(text, field.choices)
    const choices = field.choices.slice(0, 30).join(', ')
    throw new UsageError(
      `--${field.flag} is one of: ${choices}; not “${text}”.`,
      ...(near === undefined ? [] : [`Did you mean ${near}?`]),
    )
  }
  switch (field.type) {
    case 'integer':
    case 'number':
      return numberOf(field, text)
    case 'boolean':
      return booleanOf(field, text)
    case 'scalar':
      return scalarOf(text)
    default:
      return text
  }
}

function numberOf({ flag, type }: Field, text: string): number {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isFinite(value) && (type === 'number' || Number.isSafeInteger(value))) return value
  throw new UsageError(`--${flag} is a ${type === 'number' ? '' : 'whole '}number; not “${text}”.`)
}

function booleanOf({ flag }: Field, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new UsageError(`--${flag} is true or false; not “${text}”.`)
}

/** A field of several types takes what the text is in JSON, and a text for all else. */
function scalarOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? text : value
  } catch {
    return text
  }
}
