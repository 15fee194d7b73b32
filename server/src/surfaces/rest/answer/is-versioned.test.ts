import { expect, test } from 'vitest'
import { z } from 'zod'
import { fieldsOfJsonSchema } from '../../../contract/input-fields.ts'
import { jsonSchemaOf, named } from '../../../contract/json-schema.ts'
import { isVersioned } from './is-versioned.ts'

const shape = z.object({ id: z.uuid(), version: z.int() })

test('a schema with a name is seen through', () => {
  const schema = jsonSchemaOf(named('IsVersionedTest', 'A row.', shape), 'output')
  expect(schema.$ref).toBe('#/$defs/IsVersionedTest')
  expect(isVersioned(schema)).toBe(true)
  expect(fieldsOfJsonSchema(schema).names).toEqual(['id', 'version'])
})

test('a version is an integer', () => {
  expect(isVersioned(jsonSchemaOf(shape, 'output'))).toBe(true)
  expect(isVersioned(jsonSchemaOf(z.object({ version: z.string() }), 'output'))).toBe(false)
})
