import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../../../client-sdk/src/cli/commands/index.ts'
import { readContract } from '../../../client-sdk/src/cli/contract/read-contract.ts'
import { exitCodes } from '../../../client-sdk/src/cli/exit-codes.ts'
import { buildInput } from '../../../client-sdk/src/cli/flags/build-input.ts'
import { checkInput } from '../../../client-sdk/src/cli/flags/check-input.ts'
import { globalFlags } from '../../../client-sdk/src/cli/flags/global-flags.ts'
import { parseFlags } from '../../../client-sdk/src/cli/flags/parse-flags.ts'
import { procedureFlags } from '../../../client-sdk/src/cli/procedure/procedure-flags.ts'
import { wordsOf } from '../../../client-sdk/src/cli/words.ts'
import { describeRouter } from '../../../server/src/commands/support/describe-router.ts'
import { registryOf } from '../../../server/src/contract/registry.ts'
import { describeContract } from '../../../server/src/surfaces/contract/describe-contract.ts'
import { shellWords } from '../../support/shell-words.ts'
import { silentTerminal } from '../../support/silent-terminal.ts'

const ROOT = path.join(import.meta.dirname, '../../..')
const PAGE = readFileSync(path.join(ROOT, 'docs/command-line.md'), 'utf8')
const ID = '0199f3a0-5b7e-7cc3-9a1e-2f64c1f0a7d1'
const described: unknown = describeContract(registryOf(await describeRouter()), '1.0.0')
const procedures = readContract(JSON.parse(JSON.stringify(described)))?.procedures ?? []

/** Every line of these pages that begins with the command; the README has one of a procedure yet to be written. */
const LINES = ['docs/command-line.md', 'client-sdk/README.md'].flatMap((file) =>
  [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/^plinth .*$/gm)].map(([line]) => line),
)

test.each(LINES)('%s', async (line) => {
  const [alone = ''] = line.replaceAll(/\$[A-Z]+/g, ID).split(' | ')
  const [, ...words] = shellWords(alone.replace(/\s+#.*$/, ''))
  const command = commands.find(({ name }) => name === words[0])
  if (command !== undefined || words[0]?.startsWith('-') === true) {
    parseFlags(words.slice(1), [...(command?.flags ?? []), ...globalFlags])
    return
  }
  const procedure = procedures.find((each) =>
    wordsOf(each.path).every((word, index) => words[index] === word),
  )
  if (procedure === undefined) throw new Error(`${line}: there is no such command`)
  const { all, fields, positional } = procedureFlags(procedure)
  const flags = parseFlags(words.slice(wordsOf(procedure.path).length), all)
  const input = await buildInput({ flags, fields, positional, terminal: silentTerminal() })
  const whole = flags.has('file') ? { ...input, file: '' } : input
  expect(procedure.input === undefined ? [] : checkInput(whole, procedure.input)).toEqual([])
})

test('the page lists every exit code', () => {
  const listed = [...PAGE.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
  expect(listed).toEqual(Object.values(exitCodes))
})
