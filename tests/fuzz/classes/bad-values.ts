import type { InputField } from '../schema/fields.ts'

/** What query languages of databases are made of. */
export const operators: readonly unknown[] = [
  { not: '' },
  { contains: '' },
  { in: [''] },
  { gt: '' },
  { gte: 0 },
  { OR: [{}] },
  { AND: [] },
  { _count: true },
  { connect: { id: 'x' } },
  { set: 'x' },
  { increment: 1 },
  { path: [] },
  { startsWith: '' },
  { $ne: null },
  { toString: 'x' },
  {},
]

const ANY_TYPE: readonly unknown[] = [[], [[]], [null], [{}], [['x']], { 0: 'x', length: 1 }]

/** Values of another type than the field's. Null is left out: some fields take it. */
export function wrongTypes({ kind }: InputField): readonly unknown[] {
  if (kind === 'text' || kind === 'formed') return [...ANY_TYPE, true, false, 0, 1, -1, 1.5, ['x', 'y']]
  if (kind === 'number') return [...ANY_TYPE, true, false, '1', '0', '', ' ', 'one', '0x1', '1e1']
  if (kind === 'boolean') return [...ANY_TYPE, 0, 1, 'true', 'false', '']
  return [true, 1, 'x', {}, { 0: 'x', length: 1 }, '']
}

const texts: readonly string[] = [
  '\0',
  'a\0b',
  '\ud800',
  'a\udfffb',
  '\ufeff',
  '\u202e\u2066',
  '%',
  '_',
  '\\',
  "%_\\'",
  "'; DROP TABLE users; --",
  '$1',
  '$$1',
  'NaN',
  'x'.repeat(10_000),
  '🌷'.repeat(5_000),
  '\n\r\t\v\f',
  '\u0000'.repeat(100),
]

const formed: readonly unknown[] = [
  'not-a-uuid',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '{12345678-1234-4234-8234-123456789012}',
  '12345678123442348234123456789012',
  '2026-02-30T00:00:00Z',
  '9999-12-31T24:00:00Z',
  '-000001-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '0000-01-01T00:00:00Z',
  '2026-11-21',
  'now',
  'infinity',
  'epoch',
]

const numbers: readonly unknown[] = [
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1.5,
  -0,
  -1,
  0,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  1e-7,
]

/** Values of the right type that databases and drivers choke on. */
export function poison(kind: InputField['kind']): readonly unknown[] {
  if (kind === 'text') return texts
  if (kind === 'formed') return [...formed, ...texts]
  if (kind === 'number') return numbers
  if (kind === 'list') return [[], Array.from({ length: 2_000 }, () => 'x')]
  return []
}

/** Values by what they stand for. */
export const badValues = {
  /** Where an id belongs, and nothing, or as good as nothing, stands. */
  emptyIds: [undefined, null, '', ' ', '%', '*', 'null', 'undefined', [], [null], {}],
} as const
