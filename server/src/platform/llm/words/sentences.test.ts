import { describe, expect, it } from 'vitest'
import { sentencesOf } from './sentences.ts'

const texts = (text: string) => sentencesOf(text).map((sentence) => sentence.text)

describe('sentences', () => {
  it('end at full stops, not at abbreviations, initials and decimals', () => {
    expect(texts('Salton et al. Measured 3.5 runs, e.g. Two. J. Smith did not! "Why?" he asked.')).toEqual([
      'Salton et al. Measured 3.5 runs, e.g. Two.',
      'J. Smith did not!',
      '"Why?" he asked.',
    ])
  })

  it('are joined over broken lines and parted at paragraphs', () => {
    expect(texts('One\nline and\nits rest.\n\nanother paragraph')).toEqual([
      'One line and its rest.',
      'another paragraph',
    ])
  })

  it('take items of a list one by one and leave headings out', () => {
    expect(sentencesOf('# Plan\nTo do:\n- [ ] Mend the pump\n2. Paint')).toEqual([
      { text: 'To do:', listItem: false },
      { text: 'Mend the pump', listItem: true },
      { text: 'Paint', listItem: true },
    ])
  })

  it('know the stops of Chinese and Japanese', () => {
    expect(texts('これは本です。猫がいます。')).toEqual(['これは本です。', '猫がいます。'])
  })
})
