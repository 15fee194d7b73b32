import { describe, expect, test } from 'vitest'
import { costOf, decimalLeft, moreThan, plainDecimal } from './money.ts'

const tokens = (inputTokens: number, outputTokens = 0) => ({ inputTokens, outputTokens })

describe('what tokens cost', () => {
  test('is exact where floating point is not', () => {
    const price = { inputPerMillion: '0.1', outputPerMillion: '0.2' }
    expect(costOf(price, tokens(1, 1))).toBe('0.0000003')
    expect(costOf(price, tokens(3))).toBe('0.0000003')
    expect(costOf({ inputPerMillion: '1.25', outputPerMillion: '10' }, tokens(1_000_000, 1_000_000))).toBe(
      '11.25',
    )
    expect(costOf({ inputPerMillion: '9999.999999', outputPerMillion: '0' }, tokens(2_147_483_647))).toBe(
      '21474836.467852516',
    )
  })

  test('is rounded half up to a billionth of a dollar', () => {
    const price = { inputPerMillion: '0.000499', outputPerMillion: '0.0005' }
    expect(costOf(price, tokens(1))).toBe('0')
    expect(costOf(price, tokens(0, 1))).toBe('0.000000001')
  })

  test('is nothing without a price', () => {
    expect(costOf(undefined, tokens(10, 10))).toBe('0')
  })
})

test('decimals are written without zeros that say nothing', () => {
  expect(['1.250000', '10.000000000', '0.000000', '100', '0.5'].map(plainDecimal)).toEqual([
    '1.25',
    '10',
    '0',
    '100',
    '0.5',
  ])
  expect(() => plainDecimal('-1')).toThrow('Not a decimal')
})

test('what is left is never less than nothing', () => {
  expect(decimalLeft('0.3', '0.1')).toBe('0.2')
  expect(decimalLeft('0.1', '0.3')).toBe('0')
  expect(moreThan('0.30', '0.3')).toBe(false)
  expect(moreThan('0.300000001', '0.3')).toBe(true)
})
