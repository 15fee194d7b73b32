import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunkDocument } from '../../../server/src/modules/knowledge/chunking/chunk-document.ts'
import { countTokens } from '../../../server/src/modules/knowledge/chunking/count-tokens.ts'
import { assemble, type Block } from '../../../server/src/modules/knowledge/extraction/blocks.ts'

const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.lorem({ maxCount: 60, mode: 'sentences' }),
  fc.lorem({ maxCount: 500 }),
  fc.constantFrom('𝔘𝔫𝔦𝔠𝔬𝔡𝔢'.repeat(300), '漢字'.repeat(900), 'x'.repeat(5_000), `${'👩‍👩‍👧 '.repeat(400)}`),
)
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: words, page: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('row' as const), text: words }),
  fc.record({
    kind: fc.constant('heading' as const),
    text: fc.lorem({ maxCount: 4 }),
    level: fc.integer({ min: 1, max: 6 }),
  }),
)

test('every chunk is exactly what stands at its place, whole and within its bounds, and nothing is left out', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 20 }), (blocks) => {
      const assembled = assemble(blocks.map((one) => ({ ...one, text: one.text.toWellFormed().trim() })))
      const chunks = chunkDocument(assembled)
      const covered = new Set<number>()
      let before = -1
      for (const { text, start, end } of chunks) {
        expect(assembled.text.slice(start, end)).toBe(text)
        expect(text.isWellFormed()).toBe(true)
        expect(text.trim()).toBe(text)
        expect(text.length).toBeGreaterThan(0)
        expect(start).toBeGreaterThan(before)
        expect(countTokens(text, 0, text.length)).toBeLessThanOrEqual(350 + 40 + 5)
        for (let index = start; index < end; index += 1) covered.add(index)
        before = start
      }
      for (let index = 0; index < assembled.text.length; index += 1) {
        if (assembled.text.charAt(index).trim() !== '') expect(covered.has(index)).toBe(true)
      }
      expect(chunkDocument(assembled)).toEqual(chunks)
    }),
    { numRuns: 60 },
  )
})

test('chunks follow the structure: sections, whole sentences, rows that are not torn apart', () => {
  const sentence = (index: number) => `This is sentence number ${index} of a long section about nothing.`
  const long = Array.from({ length: 60 }, (_, index) => sentence(index)).join(' ')
  const rows = Array.from({ length: 80 }, (_, index) => ({
    kind: 'row' as const,
    text: `name: Ada ${index}; age: ${index}`,
  }))
  const chunks = chunkDocument(
    assemble([
      { kind: 'heading', level: 1, text: 'Book' },
      { kind: 'heading', level: 2, text: 'One' },
      { kind: 'text', text: long },
      { kind: 'heading', level: 2, text: 'Two' },
      { kind: 'text', text: 'Short.' },
      { kind: 'heading', level: 1, text: 'Table' },
      ...rows,
    ]),
  )
  const inSection = (name: string) => chunks.filter(({ headings }) => headings.at(-1) === name)
  expect(inSection('One').length).toBeGreaterThan(2)
  for (const { text } of inSection('One')) expect(text).toMatch(/(?:^Book\n\nOne\n\nThis|^This) .*\.$/s)
  expect(inSection('Two')).toEqual([
    expect.objectContaining({ text: 'Two\n\nShort.', headings: ['Book', 'Two'] }),
  ])
  const tableLines = inSection('Table').flatMap(({ text }) =>
    text.split('\n').filter((line) => line.includes(';')),
  )
  expect(tableLines).toEqual(rows.map(({ text }) => text))
  const [first, second] = inSection('One')
  // The next chunk of a section begins with the last sentence of the one before.
  expect(first?.text.endsWith(second?.text.slice(0, second.text.indexOf('.') + 1) ?? '?')).toBe(true)
})

test('the space between words that each fill a chunk is none of its own', () => {
  const word = 'x'.repeat(1_400)
  const chunks = chunkDocument(assemble([{ kind: 'text', text: `${word} ${word}` }]))
  expect(chunks.map(({ text }) => text)).toEqual([word, word])
})
