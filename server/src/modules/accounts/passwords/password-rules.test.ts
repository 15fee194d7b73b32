import { describe, expect, it } from 'vitest'
import { weaknessOf } from '../../../platform/passwords/weakness.ts'
import { NewPasswordInput } from './password-rules.ts'

const owner = { appName: 'Plinth', email: 'ada.lovelace@example.com', fullName: 'Ada Lovelace' }

describe('new passwords', () => {
  it.each([
    ['a'.repeat(11), false],
    ['a'.repeat(12), true],
    ['a'.repeat(128), true],
    ['a'.repeat(129), false],
    ['😀'.repeat(128), true],
    ['é'.normalize('NFD').repeat(128), true],
    ['a'.repeat(10_000), false],
    [`${'a'.repeat(20)}\ud800`, false],
  ])('have 12 to 128 code points: %#', (password, accepted) => {
    expect(NewPasswordInput.safeParse(password).success).toBe(accepted)
  })

  it.each([
    'qwertyuiopasdfghjkl',
    '123456789012',
    '210987654321',
    'aaaaaaaaaaaaaa',
    'abcabcabcabc',
    'Password123456',
    'unbelievable',
    'sunshine!2026',
    'plinth-plinth-2026',
    'Ada.Lovelace.1815',
    'ada.lovelace@example.com',
  ])('are refused when a guesser tries them first: %s', (password) => {
    expect(weaknessOf(password, owner)).toBeTypeOf('string')
  })

  it.each([
    'correct horse battery staple',
    'all lowercase words here',
    '               letters',
    `${'a'.repeat(72)}X1`,
    `${'😀'.repeat(39)}😁`,
    'plinth is where the statue stands',
  ])('need no mixture of characters: %s', (password) => {
    expect(weaknessOf(password, owner)).toBeUndefined()
  })
})
