import { describe, expect, it } from 'vitest'
import type { Hit } from '../../knowledge/index.ts'
import { assemblePrompt } from './assemble.ts'
import { searchQuery } from './search-query.ts'
import { turnsOf } from './turns.ts'

/** A model that counts a token a character. */
const model = (contextTokens: number) => ({
  contextTokens,
  maxOutputTokens: 100,
  countTokens: (text: string) => text.length,
})

const hit = (text: string): Hit => ({
  chunkId: text,
  documentId: 'd',
  knowledgeBaseId: 'k',
  title: 'T',
  headings: [],
  text,
  score: 1,
  span: { start: 0, end: text.length },
})

const turns = [
  { question: 'first '.repeat(20), answer: 'one' },
  { question: 'second', answer: 'two' },
]

describe('a prompt', () => {
  it('keeps within the window: what does not fit is left out whole, the oldest first', () => {
    for (let context = 700; context < 2_500; context += 50) {
      const parts = { question: 'Why?', turns, hits: [hit('a'.repeat(300)), hit('b'.repeat(40))] }
      const { messages, sources, maxOutputTokens } = assemblePrompt(model(context), parts)
      const used = messages.reduce((sum, { text }) => sum + text.length, 0)
      expect(used + maxOutputTokens).toBeLessThanOrEqual(context)
      expect(messages.at(-1)).toEqual({ role: 'user', text: 'Why?' })
      expect(sources.map(({ n }) => n)).toEqual(sources.map((_, index) => index + 1))
      const asked = messages.slice(1, -1).filter(({ role }) => role === 'user')
      expect(asked.map(({ text }) => text)).toEqual(
        turns.slice(turns.length - asked.length).map(({ question }) => question),
      )
    }
  })

  it('never cuts the question', () => {
    const parts = { question: 'q'.repeat(2_000), turns: [], hits: [] }
    expect(() => assemblePrompt(model(1_000), parts)).toThrow(
      expect.objectContaining({ reason: 'CONTEXT_TOO_LONG' }),
    )
  })
})

describe('what is searched', () => {
  it.each([
    ['and why?', 'second\nand why?'],
    ['How long does it last then?', 'second\nHow long does it last then?'],
    ['Which grease do the bearings of pumps need?', 'Which grease do the bearings of pumps need?'],
  ])('%s', (question, query) => {
    expect(searchQuery(question, turns)).toBe(query)
    expect(searchQuery(question, [])).toBe(question)
  })
})

describe('the conversation so far', () => {
  it('is questions with their last good answers', () => {
    const message = { state: 'done', answersId: null } as const
    expect(
      turnsOf([
        { ...message, id: 'q1', role: 'user', text: 'Q1' },
        { ...message, id: 'a1', role: 'assistant', text: 'bad', state: 'failed', answersId: 'q1' },
        { ...message, id: 'a2', role: 'assistant', text: 'Good [1].', answersId: 'q1' },
        { ...message, id: 'q2', role: 'user', text: 'Q2' },
      ]),
    ).toEqual([{ question: 'Q1', answer: 'Good.' }])
  })
})
