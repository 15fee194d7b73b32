import { errorReasons } from '../../contract/errors.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { namesOf } from './declarations.ts'
import { docComment } from './doc-comment.ts'
import { quoted } from './names.ts'
import { allCodes, allReasons, commonCodes, extraCodesOf, reasonsOf } from './procedure-errors.ts'

/** `errors.ts`: the server's catalogue as literals, and for each procedure the error it can fail with. */
export function printErrors(registry: readonly RegistryEntry[]): string {
  return [
    `import type { ClientErrorCode, PlinthError } from '../plinth-error.ts'\n`,
    union('ErrorCode', 'What the server answers with when a call fails.', allCodes()),
    union('CommonErrorCode', 'Codes any call can fail with.', commonCodes()),
    union(
      'ErrorReason',
      'Why, where the code alone does not say what to do next.',
      allReasons(),
      allReasons().map(
        (reason) => `\`${reason}\` (${errorReasons[reason].code}): ${errorReasons[reason].message}`,
      ),
    ),
    ...registry.map(printError),
  ].join('\n')
}

function union(
  name: string,
  doc: string,
  members: readonly string[],
  details: readonly string[] = [],
): string {
  const lines = members.map((member) => `  | ${quoted(member)}`)
  return `${docComment([doc, ...details.map((detail) => `- ${detail}`)])}export type ${name} =\n${lines.join('\n')}\n`
}

function printError(entry: RegistryEntry): string {
  const codes = ['CommonErrorCode', 'ClientErrorCode', ...extraCodesOf(entry).map(quoted)].join(' | ')
  const reasons = reasonsOf(entry).map(quoted).join(' | ')
  return `/** How \`${entry.path}\` fails. */\nexport type ${namesOf(entry).error} = PlinthError<${codes}, ${reasons}>\n`
}
