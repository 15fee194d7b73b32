import { expect, test } from 'vitest'
import { estimateTokens } from './estimate-tokens.ts'
import { countOpenAiTokens } from './openai-tokens.ts'

const SAMPLES = {
  prose:
    'The committee met on Tuesday to consider whether the library should extend its opening hours during the summer. ' +
    'Several members pointed out that fewer readers come in July, but others answered that those who do stay longer.',
  code: 'export function total(rows: readonly Row[]): number {\n  return rows.reduce((sum, { price, count }) => sum + price * count, 0)\n}\n',
  json: '{"id":"0199f3a0-5b7e-7cc3-9a1e-2f64c1f0a7d1","title":"Write it down","priority":3,"tags":["a","b"],"done":false}',
  german:
    'Die Bücherei öffnet während der Sommermonate länger, obwohl im Juli weniger Leserinnen und Leser kommen.',
  french:
    'La bibliothèque restera ouverte plus longtemps pendant l’été, même si les lecteurs sont moins nombreux.',
  russian: 'Библиотека будет открыта дольше летом, хотя в июле читателей становится меньше, чем обычно.',
  chinese: '图书馆在夏季将延长开放时间，尽管七月份的读者人数比平时少。',
  japanese: '図書館は夏の間、開館時間を延長しますが、七月の利用者は普段より少ないです。',
  arabic: 'ستمدد المكتبة ساعات عملها خلال الصيف على الرغم من أن عدد القراء يقل في شهر يوليو.',
  emoji: '🎉🚀👩‍💻 done 🐛🔥',
  numbers: '3.14159265358979, 2026-11-21T14:37:35Z, +41 44 668 18 00',
  random: 'q7Rf2mXv9LkZ4tBw8HcN1sYp6JdG3aEu5TiO0xKb',
}

test.each(Object.entries(SAMPLES))(
  '%s is not taken for less than it is, nor for twice as much',
  (_kind, text) => {
    const exact = countOpenAiTokens('gpt-4o', text)
    const estimate = estimateTokens(text)
    expect(estimate).toBeGreaterThanOrEqual(exact * 0.9)
    expect(estimate).toBeLessThanOrEqual(exact * 2.6 + 4)
  },
)

test('what has no blank is counted in little time, and not for less than it is', () => {
  const started = performance.now()
  expect(countOpenAiTokens('gpt-4o', 'a'.repeat(100_000))).toBeGreaterThanOrEqual(12_500)
  expect(countOpenAiTokens('gpt-4o', '図書館'.repeat(20_000))).toBeGreaterThan(10_000)
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('texts that look like what a tokenizer keeps for itself are texts', () => {
  expect(countOpenAiTokens('gpt-4o', 'a <|endoftext|> b')).toBeGreaterThan(3)
})
