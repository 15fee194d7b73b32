import { describe, expect, it } from 'vitest'
import { type CursorScope, decodeCursor, encodeCursor } from './cursor.ts'

const id = '01890a5d-ac96-774b-bcce-b302099a8057'
const scope = (keyType: CursorScope['keyType'], filters: CursorScope['filters'] = {}): CursorScope => ({
  list: 'things',
  keyType,
  filters,
})

describe('a cursor', () => {
  it('gives back the place it was made of', () => {
    const places = [
      ['timestamptz', '2026-11-21T10:00:00.123Z'],
      ['smallint', '-4'],
      ['text', ''],
      ['text', '😀'.repeat(80)],
      ['text', '\ufeffbyte order mark'],
      ['timestamptz', null],
    ] as const
    for (const [keyType, key] of places) {
      const cursor = encodeCursor(scope(keyType), { key, id })
      expect(cursor).toMatch(/^[\w-]{1,500}$/)
      expect(decodeCursor(scope(keyType), cursor)).toEqual({ key, id })
    }
  })

  it('belongs to its list, with its filters in any order', () => {
    const made = encodeCursor(scope('text', { a: '1', b: undefined, c: '2' }), { key: 'k', id })
    expect(decodeCursor(scope('text', { c: '2', a: '1' }), made)).toEqual({ key: 'k', id })
    for (const other of [
      scope('text', { a: '1' }),
      scope('text', { a: '2', c: '1' }),
      scope('timestamptz', { a: '1', c: '2' }),
      { ...scope('text', { a: '1', c: '2' }), list: 'others' },
    ]) {
      expect(decodeCursor(other, made)).toBeNull()
    }
  })

  it('with a key the database would refuse is none', () => {
    const refused = [
      ['timestamptz', '0000-01-01T00:00:00.000Z'],
      ['timestamptz', '+010000-01-01T00:00:00.000Z'],
      ['timestamptz', '2026-02-30T00:00:00.000Z'],
      ['timestamptz', '2026-11-21'],
      ['smallint', '99999'],
      ['smallint', '1; --'],
      ['text', 'a\0b'],
    ] as const
    for (const [keyType, key] of refused) {
      expect(decodeCursor(scope(keyType), encodeCursor(scope(keyType), { key, id }))).toBeNull()
    }
  })

  it('cut off, spelled another way or made for nothing is none', () => {
    const whole = encodeCursor(scope('timestamptz'), { key: '2026-11-21T10:00:00.123Z', id })
    const others = [
      ...Array.from({ length: whole.length }, (_, length) => whole.slice(0, length)),
      `${whole}=`,
      `${whole}A`,
      ` ${whole}`,
      'not base64url!',
      Buffer.alloc(40).toString('base64url'),
    ]
    for (const other of others) expect(decodeCursor(scope('timestamptz'), other)).toBeNull()
  })
})
