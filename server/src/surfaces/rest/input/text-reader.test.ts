import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { jsonSchemaOf, named } from '../../../contract/json-schema.ts'
import { textReader, UNREADABLE } from './text-reader.ts'

const Colour = named('ReaderColour', 'A colour.', z.enum(['red', 'green']))
const Filter = z.strictObject({
  text: z.string().min(3),
  nullable: z.uuid().nullable(),
  moment: z.iso.datetime(),
  whole: z.int().min(1).max(9),
  number: z.number().optional(),
  flag: z.boolean().default(false),
  only: z.literal(true),
  colour: Colour,
  level: z.literal([1, 2]),
  colours: z.array(Colour).max(2),
  counts: z.array(z.int()),
  either: z.union([z.string(), z.number()]),
  nested: z.strictObject({ deep: z.int() }),
})
const schema = jsonSchemaOf(Filter, 'input')
const reader = (name: keyof typeof Filter.shape) => {
  const field = schema.properties?.[name]
  return textReader(typeof field === 'object' ? field : {}, schema.$defs)
}

describe('reads a value of the type that the schema has', () => {
  test.each([
    ['text', '12', '12'],
    ['text', '', ''],
    ['nullable', 'null', 'null'],
    ['moment', '2026-11-21T10:00:00Z', '2026-11-21T10:00:00Z'],
    ['whole', '0', 0],
    ['whole', '-12', -12],
    ['number', '1.5', 1.5],
    ['number', '-2e3', -2000],
    ['flag', 'true', true],
    ['flag', 'false', false],
    ['only', 'true', true],
    ['colour', 'blue', 'blue'],
    ['level', '2', 2],
    ['colours', 'red', 'red'],
    ['counts', '4', 4],
    ['either', '4', 4],
    ['nested', '{"deep":1}', { deep: 1 }],
  ] as const)('%s of %j', (name, text, value) => {
    expect(reader(name).read(text)).toEqual(value)
  })
})

describe('reads nothing else, whatever JavaScript would make of it', () => {
  const numbers = [
    '',
    ' 1',
    '1 ',
    '+1',
    '01',
    '0x10',
    '1_000',
    '١',
    'NaN',
    'Infinity',
    '1e999',
    'true',
    '1,5',
  ]
  test.each([
    ...numbers.map((text) => ['number', text] as const),
    ...[...numbers, '1.0', '1e3', '-0', '123456789012345678'].map((text) => ['whole', text] as const),
    ...['', '1', '0', 'TRUE', 'yes', 'on', ' true'].map((text) => ['flag', text] as const),
    ['nested', 'deep'],
    ['nested', ''],
  ] as const)('%s of %j', (name, text) => {
    const { read, wanted } = reader(name)
    expect(read(text)).toBe(UNREADABLE)
    expect(wanted).toMatch(/^Give /)
  })
})

test('only lists are repeated', () => {
  const repeated = Object.keys(Filter.shape).filter((name) => reader(name as 'text').repeated)
  expect(repeated).toEqual(['colours', 'counts'])
})
