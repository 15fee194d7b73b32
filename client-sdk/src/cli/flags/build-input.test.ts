import { expect, test } from 'vitest'
import { silentTerminal } from '../../../../tests/support/silent-terminal.ts'
import { buildInput } from './build-input.ts'
import { fieldFlags } from './field-flags.ts'
import { fieldsOf, positionalOf } from './fields.ts'
import { parseFlags } from './parse-flags.ts'

const SCHEMA = {
  type: 'object',
  required: ['id', 'data'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', format: 'uuid' },
    data: {
      type: 'object',
      properties: {
        dueAt: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        level: { type: ['integer', 'null'], minimum: 0 },
        role: { $ref: '#/$defs/Role' },
      },
    },
    tags: { type: 'array', items: { type: 'string' } },
    rules: { type: 'array', items: { type: 'object', properties: { a: { type: 'number' } } } },
    done: { type: 'boolean' },
    value: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    output: { type: 'string' },
    password: { type: 'string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
  $defs: { Role: { type: 'string', enum: ['viewer', 'editor'] } },
}

const JSON_FLAG = { name: 'json', value: 'json', description: '' }
const OUTPUT_FLAG = { name: 'output', value: 'how', description: '' }
const FIELDS = fieldsOf(SCHEMA)
const FLAGS = fieldFlags(FIELDS, [OUTPUT_FLAG])
const SPECS = [
  JSON_FLAG,
  OUTPUT_FLAG,
  ...FLAGS.flatMap(({ spec, negation }) => [spec, ...(negation ? [negation] : [])]),
]

function inputOf(...args: string[]) {
  return buildInput({
    flags: parseFlags(args, SPECS),
    fields: FLAGS,
    positional: positionalOf(FIELDS),
    terminal: silentTerminal({ readInput: async () => '{"done":true,"data":{"level":1}}' }),
  })
}

test('fields by their flags; one that the command has itself is --input.<field>; secrets are none', () => {
  expect(FLAGS.map(({ spec }) => spec.name)).toEqual([
    'id',
    'data',
    'data.due-at',
    'data.level',
    'data.role',
    'tags',
    'rules',
    'done',
    'value',
    'input.output',
    'labels',
  ])
})

test.each<[string[], unknown]>([
  [['a'], { id: 'a' }],
  [['--data.level', '3', '--data.due-at', 'x'], { data: { level: 3, dueAt: 'x' } }],
  [['--no-data.due-at', '--no-data.level'], { data: { dueAt: null, level: null } }],
  [['--data.due-at', 'null'], { data: { dueAt: 'null' } }],
  [['--data', '{"level":1,"role":"viewer"}', '--data.level', '2'], { data: { level: 2, role: 'viewer' } }],
  [['--tags', 'a', '--tags', 'b,c'], { tags: ['a', 'b,c'] }],
  [['--rules', '[{"a":1}]', '--rules', '{"a":2}'], { rules: [{ a: 1 }, { a: 2 }] }],
  [['--no-done'], { done: false }],
  [['--done=false'], { done: false }],
  [['--value', '5'], { value: 5 }],
  [['--value', 'five'], { value: 'five' }],
  [['--value', '{"a":1}'], { value: '{"a":1}' }],
  [['--input.output', 'x', '--output', 'json'], { output: 'x' }],
  [
    ['--json', '-', '--no-done', '--data.role', 'editor'],
    { done: false, data: { level: 1, role: 'editor' } },
  ],
  [
    ['--json', '{"__proto__":{"a":1}}', '--labels', '{"__proto__":"x"}'],
    JSON.parse('{"__proto__":{"a":1},"labels":{"__proto__":"x"}}'),
  ],
])('%j', async (args, input) => {
  expect(await inputOf(...args)).toEqual(input)
  expect(Reflect.get({}, 'a')).toBeUndefined()
})

test.each([
  [['--data.role', 'edditor'], '--data.role is one of: viewer, editor; not “edditor”.'],
  [['--data.level', '1.5'], '--data.level is a whole number; not “1.5”.'],
  [['--data.level', '0x10'], '--data.level is a whole number; not “0x10”.'],
  [['--done', '--no-done'], 'Give either --done or --no-done, not both.'],
  [['--json', '[]'], '--json takes an object, such as {"title":"…"}.'],
  [['--data', '{}', '--data', '{}'], '--data is given twice.'],
  [['a', '--id', 'b'], 'id is given twice: as “a” and as --id.'],
])('refuses %j', async (args, message) => {
  await expect(inputOf(...args)).rejects.toThrow(message)
})
