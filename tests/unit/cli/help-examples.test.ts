import { expect, test } from 'vitest'
import { type CommandNode, commandTree } from '../../../client-sdk/src/cli/contract/command-tree.ts'
import type { Contract, Procedure } from '../../../client-sdk/src/cli/contract/contract.ts'
import { readContract } from '../../../client-sdk/src/cli/contract/read-contract.ts'
import { buildInput } from '../../../client-sdk/src/cli/flags/build-input.ts'
import { checkInput } from '../../../client-sdk/src/cli/flags/check-input.ts'
import { parseFlags } from '../../../client-sdk/src/cli/flags/parse-flags.ts'
import { exampleOf } from '../../../client-sdk/src/cli/help/example.ts'
import { procedureFlags } from '../../../client-sdk/src/cli/procedure/procedure-flags.ts'
import { describeRouter } from '../../../server/src/commands/support/describe-router.ts'
import { registryOf } from '../../../server/src/contract/registry.ts'
import { describeContract } from '../../../server/src/surfaces/contract/describe-contract.ts'
import { shellWords } from '../../support/shell-words.ts'
import { silentTerminal } from '../../support/silent-terminal.ts'

const document: unknown = JSON.parse(
  JSON.stringify(describeContract(registryOf(await describeRouter()), '1.2.3')),
)
const contract = readContract(document)

test('the command knows every field of the document that this server writes', () => {
  expect(contract).toMatchObject({ version: '1.2.3', unknown: [] })
})

test.each(leaves(contract))(
  'the example in the help of “%s” is a command line that is taken',
  async (_, node, procedure) => {
    const [line = ''] = exampleOf(node, procedure)
    const words = shellWords(line)
    expect(words.slice(0, node.words.length + 1)).toEqual(['plinth', ...node.words])
    const { all, fields, positional, secrets } = procedureFlags(procedure)
    const flags = parseFlags(words.slice(node.words.length + 1), all)
    const input = await buildInput({ flags, fields, positional, terminal: silentTerminal() })
    if (procedure.upload) expect(flags.has('file')).toBe(true)
    const asked = Object.fromEntries(secrets.map(({ path }) => [path.join('.'), 'asked for']))
    const whole = { ...input, ...asked, ...(procedure.upload ? { file: '' } : {}) }
    expect(procedure.input === undefined ? [] : checkInput(whole, procedure.input)).toEqual([])
  },
)

function leaves(found: Contract | undefined): [string, CommandNode, Procedure][] {
  const gather = (node: CommandNode): [string, CommandNode, Procedure][] => [
    ...(node.procedure === undefined
      ? []
      : [[node.words.join(' '), node, node.procedure] satisfies [string, CommandNode, Procedure]]),
    ...[...node.children.values()].flatMap(gather),
  ]
  return gather(commandTree(found?.procedures ?? []))
}
