import { expect, test } from 'vitest'
import { createOutputMeter } from './output-meter.ts'

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '').length

test('lets so many tokens through and not one more', () => {
  const meter = createOutputMeter(words, 3)
  expect(meter.take('one ')).toBe('one ')
  expect(meter.take('two three')).toBe('two three')
  expect(meter.isFull).toBe(false)
  expect(meter.take(' four')).toBe('')
  expect(meter.isFull).toBe(true)
  expect(meter.tokens).toBe(3)
})

test('counts the same however the text comes', () => {
  const text = 'word '.repeat(1_000)
  const whole = createOutputMeter(words, 10_000)
  whole.take(text)
  const pieces = createOutputMeter(words, 10_000)
  for (const piece of text.match(/.{1,7}/g) ?? []) pieces.take(piece)
  expect(whole.tokens).toBe(1_000)
  // A word may be cut where the counting starts anew.
  expect(pieces.tokens).toBeLessThanOrEqual(1_030)
})

test('of one enormous piece takes what there is room for', () => {
  const meter = createOutputMeter((text) => text.length, 1_000)
  expect(meter.take('x'.repeat(1_000_000)).length).toBe(1_000)
  expect(meter.isFull).toBe(true)
})
