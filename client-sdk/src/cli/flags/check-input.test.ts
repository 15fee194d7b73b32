import { expect, test } from 'vitest'
import { checkInput } from './check-input.ts'

const SCHEMA = {
  type: 'object',
  required: ['title'],
  additionalProperties: false,
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 3 },
    level: { anyOf: [{ type: 'integer', minimum: 0, maximum: 4 }, { type: 'null' }] },
    tags: { type: 'array', minItems: 1, maxItems: 2, items: { enum: ['a', 'b'] } },
    all: { const: true },
    who: { $ref: '#/$defs/Who' },
    when: { type: 'moment', shape: 'new' },
    odd: { type: 'string', pattern: '(' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
  $defs: {
    Who: {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string', format: 'uuid', pattern: '^u' } },
    },
  },
}

test.each<[object, string[]]>([
  [{ title: 'a' }, []],
  [{ title: 'a', level: null, tags: ['a'], all: true, who: { id: 'u', more: 1 }, labels: { x: 'y' } }, []],
  [{ title: 'a', when: {}, odd: 'anything' }, []],
  [{}, ['title: This is missing.']],
  [{ title: '' }, ['title: Give a text that is not empty.']],
  [{ title: 'abcd' }, ['title: Give at most 3 characters.']],
  [{ title: 1 }, ['title: Give a text.']],
  [{ title: 'a', nope: 1 }, ['nope: There is no such field.']],
  [{ title: 'a', level: 5 }, ['level: Give 4 or less.']],
  [{ title: 'a', tags: [] }, ['tags: Give at least 1.']],
  [{ title: 'a', tags: ['a', 'c'] }, ['tags.1: Give one of: a, b.']],
  [{ title: 'a', all: false }, ['all: Only true can be given.']],
  [{ title: 'a', who: {} }, ['who.id: This is missing.']],
  [{ title: 'a', who: { id: 'x' } }, ['who.id: Give a UUID.']],
  [{ title: 'a', labels: { x: 1 } }, ['labels.x: Give a text.']],
])('%j', (input, issues) => {
  expect(checkInput(input, SCHEMA).map(({ field, message }) => `${field}: ${message}`)).toEqual(issues)
})
