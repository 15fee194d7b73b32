import type { InputIssue } from '../flags/check-input.ts'
import type { Field } from '../flags/fields.ts'
import { parseValue } from '../flags/parse-value.ts'
import { withValue } from '../flags/with-value.ts'
import { oneLine } from '../output/sanitise.ts'
import type { ProcedureFlags } from './procedure-flags.ts'

/** Asks for the fields that are missing, as far as they are single values. */
export async function askFor(
  input: Readonly<Record<string, unknown>>,
  issues: readonly InputIssue[],
  known: ProcedureFlags,
): Promise<Readonly<Record<string, unknown>>> {
  const fields = [...known.fields.map(({ field }) => field), ...known.secrets]
  let filled = input
  for (const { field: name, isMissing } of issues) {
    const field = fields.find(({ path }) => path.join('.') === name)
    if (!isMissing || field === undefined || field.type === 'json' || field.isList) continue
    filled = withValue(filled, field.path, await askOne(field))
  }
  return filled
}

async function askOne(field: Field): Promise<unknown> {
  const prompts = await import('../output/prompts.ts')
  const title = oneLine(field.description === undefined ? field.flag : `${field.flag}: ${field.description}`)
  if (field.isSecret) return await prompts.askSecret(title)
  if (field.choices.length > 0) return await prompts.askChoice(title, field.choices)
  if (field.type === 'boolean') return await prompts.askYesNo(title)
  const text = await prompts.askText(title, (typed) => {
    try {
      parseValue(field, typed)
      return typed === '' ? 'Type it, or leave with Ctrl-C.' : undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  })
  return parseValue(field, text)
}
