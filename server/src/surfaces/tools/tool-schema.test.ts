import { expect, test } from 'vitest'
import { z } from 'zod'
import { jsonSchemaOf, named } from '../../contract/json-schema.ts'
import { toolSchema } from './tool-schema.ts'

test('a named root stands alone, and what it names stays beside it', () => {
  const Part = named('TestPart', 'A part.', z.object({ id: z.uuid() }))
  const Whole = named('TestWhole', 'A whole.', z.object({ parts: z.array(Part), count: z.int() }))
  expect(toolSchema(jsonSchemaOf(Whole, 'output'))).toMatchInlineSnapshot(`
    {
      "$defs": {
        "TestPart": {
          "additionalProperties": false,
          "description": "A part.",
          "properties": {
            "id": {
              "format": "uuid",
              "type": "string",
            },
          },
          "required": [
            "id",
          ],
          "type": "object",
        },
      },
      "additionalProperties": false,
      "description": "A whole.",
      "properties": {
        "count": {
          "type": "integer",
        },
        "parts": {
          "items": {
            "$ref": "#/$defs/TestPart",
          },
          "type": "array",
        },
      },
      "required": [
        "parts",
        "count",
      ],
      "type": "object",
    }
  `)
})

test('a schema that is part of itself keeps its name', () => {
  interface Tree {
    readonly children: readonly Tree[]
  }
  const Tree: z.ZodType<Tree> = named(
    'TestTree',
    'A tree.',
    z.object({
      get children() {
        return z.array(Tree)
      },
    }),
  )
  expect(toolSchema(jsonSchemaOf(Tree, 'output'))).toMatchObject({
    type: 'object',
    properties: { children: { items: { $ref: '#/$defs/TestTree' } } },
    $defs: { TestTree: { type: 'object' } },
  })
})

test('what says nothing to a model goes, a field of the same name stays', () => {
  const schema = jsonSchemaOf(
    z.strictObject({ id: z.uuid(), pattern: z.string().regex(/^a+$/), minimum: z.int().min(3) }),
    'input',
  )
  expect(toolSchema(schema)).toEqual({
    type: 'object',
    properties: {
      id: { type: 'string', format: 'uuid' },
      pattern: { type: 'string', pattern: '^a+$' },
      minimum: { type: 'integer', minimum: 3 },
    },
    required: ['id', 'pattern', 'minimum'],
    additionalProperties: false,
  })
})

test('no input is an object with nothing in it; what is no object is no tool', () => {
  expect(toolSchema(null)).toEqual({ type: 'object', properties: {}, additionalProperties: false })
  expect(() => toolSchema(jsonSchemaOf(z.array(z.string()), 'output'))).toThrow('objects')
})
