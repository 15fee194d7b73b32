import { expect, test } from 'vitest'
import { fieldsOf, positionalOf } from '../../../client-sdk/src/cli/flags/fields.ts'
import { wordsOf } from '../../../client-sdk/src/cli/words.ts'
import { commandOf } from '../../../server/src/commands/contract/command-facts.ts'
import { describeRouter } from '../../../server/src/commands/support/describe-router.ts'
import { registryOf } from '../../../server/src/contract/registry.ts'
import { fixtureRouter } from '../../types/fixture-router.ts'

const registry = [...registryOf(await describeRouter()), ...registryOf(fixtureRouter)]

test.each(registry.map((entry) => [entry.path, entry] as const))(
  'the command of %s is in the contract as the command line makes it',
  (path, entry) => {
    const fields = fieldsOf(entry.input === null ? undefined : { ...entry.input })
    expect(commandOf(entry)).toEqual({
      words: wordsOf(path).join(' '),
      positional: positionalOf(fields)?.flag ?? null,
      flags: fields.map(({ flag }) => flag),
    })
  },
)
