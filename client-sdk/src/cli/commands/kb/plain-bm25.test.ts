import { describe, expect, it } from 'vitest'
import { plainBm25 } from './plain-bm25.ts'

const rank = plainBm25([
  { id: 'a', title: 'Pumps', text: 'The pump and the valve of the pump.' },
  { id: 'b', title: '', text: 'A valve, and many other parts of a very long list that goes on.' },
  { id: 'c', title: '', text: 'Weather' },
])

describe('plain BM25', () => {
  it('ranks by how often, how rare and how long; finds other forms of a word', () => {
    expect(rank('valves')).toEqual(['a', 'b'])
    expect(rank('pumping')).toEqual(['a'])
    expect(rank('the weather of the pump')[0]).toBe('a')
  })

  it('finds nothing for stop words and unknown words', () => {
    expect(rank('the of and')).toEqual([])
    expect(rank('zebra')).toEqual([])
  })
})
