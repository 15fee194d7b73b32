import { expect, test } from 'vitest'
import { z } from 'zod'
import { compareSchema } from '../../../server/src/commands/contract/compare-schema.ts'
import type { Direction } from '../../../server/src/commands/contract/contract.ts'
import { branded, jsonSchemaOf, named } from '../../../server/src/contract/json-schema.ts'

const strict = z.strictObject
const Point = z.object({ x: z.number(), y: z.number() })
const created = z.object({ type: z.literal('created'), id: z.string() })
const deleted = z.object({ type: z.literal('deleted'), id: z.string() })

interface Tree {
  name: string
  children: Tree[]
}
function tree(name: z.ZodType<string>): z.ZodType<Tree> {
  const self: z.ZodType<Tree> = z.object({
    name,
    get children() {
      return z.array(self)
    },
  })
  return self
}

/** What is said of a change; `=` for none, `✗` breaking, `+` additive. */
type Case = readonly [Direction, title: string, was: z.ZodType, is: z.ZodType, said: readonly string[]]

const text = z.string()
const cases: readonly Case[] = [
  // What callers send.
  ['input', 'the same', strict({ a: text }), strict({ a: text }), []],
  ['input', 'a description', strict({ a: text }), strict({ a: text.describe('A.') }), []],
  [
    'input',
    'a new required field',
    strict({ a: text }),
    strict({ a: text, b: text }),
    ['✗ b is new, and must be sent'],
  ],
  [
    'input',
    'a new optional field',
    strict({ a: text }),
    strict({ a: text, b: text.optional() }),
    ['+ b is new: text'],
  ],
  [
    'input',
    'a new field with a default',
    strict({}),
    strict({ b: z.int().default(3) }),
    ['+ b is new: integer'],
  ],
  [
    'input',
    'a field made required',
    strict({ a: text.optional() }),
    strict({ a: text }),
    ['✗ a must be sent now'],
  ],
  [
    'input',
    'a field made optional',
    strict({ a: text }),
    strict({ a: text.optional() }),
    ['+ a can be left out'],
  ],
  ['input', 'a field gone', strict({ a: text, b: text }), strict({ a: text }), ['✗ b is gone']],
  ['input', 'an optional field gone', strict({ b: text.optional() }), strict({}), ['✗ b is gone']],
  ['input', 'a field gone that is passed over', z.object({ b: text }), z.object({}), ['✗ b is gone']],
  ['input', 'an enum narrowed', z.enum(['a', 'b']), z.enum(['a']), ['✗ cannot be "b" any more']],
  ['input', 'an enum widened', z.enum(['a']), z.enum(['a', 'b']), ['+ can be "b" too']],
  ['input', 'an enum made text', z.enum(['a']), text, ['+ is text now, was "a"']],
  ['input', 'text made an enum', text, z.enum(['a']), ['✗ is "a" now, was text']],
  [
    'input',
    'a shorter text',
    text.max(9),
    text.max(5),
    ['✗ is at most 5 characters now, was at most 9 characters'],
  ],
  [
    'input',
    'a longer text',
    text.max(5),
    text.max(9),
    ['+ is at most 9 characters now, was at most 5 characters'],
  ],
  ['input', 'a new pattern', text, text.regex(/^a/), ['✗ is of the form ^a now, was without such a bound']],
  ['input', 'a pattern gone', text.regex(/^a/), text, ['+ is without such a bound now, was of the form ^a']],
  [
    'input',
    'a second pattern',
    text.regex(/^a/),
    text.regex(/^a/).regex(/b$/),
    ['✗ is of the form ^a and b$ now, was of the form ^a'],
  ],
  ['input', 'a format', text, z.uuid(), ['✗ is a uuid now, was any text']],
  ['input', 'a higher minimum', z.int().min(1), z.int().min(2), ['✗ is at least 2 now, was at least 1']],
  ['input', 'any number', z.int(), z.number(), ['+ is number now, was integer']],
  ['input', 'whole numbers only', z.number(), z.int(), ['✗ is integer now, was number']],
  [
    'input',
    'another type',
    strict({ a: text }),
    strict({ a: z.boolean() }),
    ['✗ a is boolean now, was text'],
  ],
  ['input', 'null taken', text, text.nullable(), ['+ can be null']],
  ['input', 'null refused', text.nullable(), text, ['✗ cannot be null any more']],
  [
    'input',
    'a default changed',
    strict({ a: z.int().default(1) }),
    strict({ a: z.int().default(2) }),
    ['✗ a left out means 2 now, meant 1'],
  ],
  [
    'input',
    'a default given',
    strict({ a: z.int().optional() }),
    strict({ a: z.int().default(2) }),
    ['✗ a left out means 2 now, meant nothing'],
  ],
  [
    'input',
    'required with a default',
    strict({ a: z.int() }),
    strict({ a: z.int().default(2) }),
    ['+ a can be left out'],
  ],
  [
    'input',
    'strange fields refused',
    z.object({ a: text }),
    strict({ a: text }),
    ['✗ {} refuses fields it does not name'],
  ],
  [
    'input',
    'strange fields passed over',
    strict({ a: text }),
    z.object({ a: text }),
    ['+ {} passes over fields it does not name'],
  ],
  ['input', 'a member of a union gone', z.union([text, z.int()]), text, ['✗ is text now, was integer']],
  ['input', 'a member of a union new', text, z.union([text, z.int()]), ['+ is integer now, was text']],
  [
    'input',
    'fewer items',
    z.array(text).max(9),
    z.array(text).max(5),
    ['✗ is at most 5 items now, was at most 9 items'],
  ],
  [
    'input',
    'stricter items',
    z.array(text),
    z.array(text.max(3)),
    ['✗ [] is at most 3 characters now, was without such a bound'],
  ],
  [
    'input',
    'a record of less',
    z.record(text, z.number()),
    z.record(text, z.int()),
    ['✗ {} is integer now, was number'],
  ],
  ['input', 'a longer tuple', z.tuple([text]), z.tuple([text, text]), ['✗ is [text, text] now, was [text]']],
  ['input', 'a brand', text, branded(text, 'Id'), []],
  [
    'input',
    'inside a list of objects',
    strict({ a: z.array(strict({ b: text })) }),
    strict({ a: z.array(strict({ b: text, c: text })) }),
    ['✗ a[].c is new, and must be sent'],
  ],
  [
    'input',
    'inside itself',
    tree(text),
    tree(text.max(3)),
    ['✗ name is at most 3 characters now, was without such a bound'],
  ],
  // What callers get.
  ['output', 'the same', Point, Point, []],
  ['output', 'a field new', z.object({ a: text }), z.object({ a: text, b: text }), ['+ b is new: text']],
  ['output', 'a field gone', z.object({ a: text, b: text }), z.object({ a: text }), ['✗ b is gone']],
  ['output', 'an optional field gone', z.object({ b: text.optional() }), z.object({}), ['✗ b is gone']],
  [
    'output',
    'a field made optional',
    z.object({ a: text }),
    z.object({ a: text.optional() }),
    ['✗ a can be missing now'],
  ],
  [
    'output',
    'a field always there',
    z.object({ a: text.optional() }),
    z.object({ a: text }),
    ['+ a is always there now'],
  ],
  ['output', 'null', z.object({ a: text }), z.object({ a: text.nullable() }), ['✗ a can be null now']],
  [
    'output',
    'never null',
    z.object({ a: text.nullable() }),
    z.object({ a: text }),
    ['+ a is never null any more'],
  ],
  ['output', 'another value', z.enum(['a']), z.enum(['a', 'b']), ['✗ can be "b" too']],
  ['output', 'a value less', z.enum(['a', 'b']), z.enum(['a']), ['+ is never "b" any more']],
  [
    'output',
    'a type changed',
    z.object({ a: z.int() }),
    z.object({ a: text }),
    ['✗ a is text now, was integer'],
  ],
  ['output', 'longer', text.max(5), text.max(9), ['+ is at most 9 characters now, was at most 5 characters']],
  ['output', 'another format', z.iso.datetime(), z.iso.date(), ['✗ is a date now, was a date-time']],
  [
    'output',
    'another event',
    z.discriminatedUnion('type', [created]),
    z.discriminatedUnion('type', [created, deleted]),
    ['✗ can be the one with type: "deleted" too'],
  ],
  [
    'output',
    'an event less',
    z.discriminatedUnion('type', [created, deleted]),
    z.discriminatedUnion('type', [created]),
    ['+ is never the one with type: "deleted" any more'],
  ],
  [
    'output',
    'a field of one event',
    z.discriminatedUnion('type', [created, deleted]),
    z.discriminatedUnion('type', [created, deleted.extend({ by: text })]),
    ['+ by (type: "deleted") is new: text'],
  ],
  ['output', 'a brand gone', branded(text, 'Id'), text, ['✗ is plain text now, was Id']],
  ['output', 'a brand new', text, branded(text, 'Id'), []],
  [
    'output',
    'a list that is read-only',
    z.array(text),
    z.array(text).readonly(),
    ['✗ is a read-only list now, was a list'],
  ],
  [
    'output',
    'a name for the same',
    z.object({ a: Point }),
    z.object({ a: named('PlacePoint', 'A point.', Point) }),
    [],
  ],
  [
    'output',
    'anything',
    z.object({ a: text }),
    z.object({ a: z.unknown() }),
    ['✗ a is anything now, was text'],
  ],
]

test.each(cases)('%s: %s', (direction, _title, was, is, said) => {
  const pair = { was: jsonSchemaOf(was, direction), is: jsonSchemaOf(is, direction), direction }
  const types = { input: {}, output: {} }
  const found = compareSchema({ ...pair, where: 'p', prefix: '', callers: ['SDK'] }, types, types)
  const lines = found.map(({ verdict, at, what }) => {
    const place = at.replace(/^\./, '')
    return `${verdict === 'breaking' ? '✗' : '+'} ${place === '' ? '' : `${place} `}${what}`
  })
  expect(lines).toEqual(said)
})
