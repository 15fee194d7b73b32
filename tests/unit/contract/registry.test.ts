import { expect, test } from 'vitest'
import { describeRouter } from '../../../server/src/commands/support/describe-router.ts'
import { fieldsOfJsonSchema } from '../../../server/src/contract/input-fields.ts'
import { isDone } from '../../../server/src/contract/json-schema.ts'
import { answersDone, inputFieldsOf, registryOf } from '../../../server/src/contract/registry.ts'
import { fixtureRouter, travellingRouter } from '../../types/fixture-router.ts'

const registries = {
  server: registryOf(await describeRouter()),
  fixture: registryOf(fixtureRouter),
  travelling: registryOf(travellingRouter),
}

test.each(Object.entries(registries))(
  '%s: fields and Done are the same read from zod as read from the printed schema',
  (_name, registry) => {
    for (const entry of registry) {
      expect([entry.path, inputFieldsOf(entry)]).toEqual([entry.path, fieldsOfJsonSchema(entry.input)])
      expect([entry.path, answersDone(entry)]).toEqual([entry.path, isDone(entry.output)])
    }
  },
)

test('a schema is printed once, and a copy of an entry has it', () => {
  const [entry] = registries.server
  expect(entry?.output).toBe(entry?.output)
  expect({ ...entry }.output).toBe(entry?.output)
})
