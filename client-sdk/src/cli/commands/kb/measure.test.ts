import { describe, expect, it } from 'vitest'
import { measure } from './measure.ts'

describe('measures of quality', () => {
  it('agree with what is worked out by hand', () => {
    const { recall10, recall100, ndcg10, mrr } = measure([
      { found: ['x', 'a', 'y', 'b'], relevant: new Set(['a', 'b', 'c']) },
    ])
    expect(recall10).toBeCloseTo(2 / 3)
    expect(recall100).toBeCloseTo(2 / 3)
    // (1/log2 3 + 1/log2 5) / (1 + 1/log2 3 + 1/log2 4)
    expect(ndcg10).toBeCloseTo((0.63093 + 0.43068) / (1 + 0.63093 + 0.5), 4)
    expect(mrr).toBe(0.5)
  })

  it('look at ten and at a hundred, and take the mean', () => {
    const found = Array.from({ length: 120 }, (_, index) => `d${index + 1}`)
    const late = { found, relevant: new Set(['d11', 'd101']) }
    expect(measure([late])).toEqual({ recall10: 0, recall100: 0.5, ndcg10: 0, mrr: 1 / 11 })
    const perfect = { found: ['d1'], relevant: new Set(['d1']) }
    expect(measure([late, perfect]).mrr).toBeCloseTo((1 / 11 + 1) / 2)
    expect(measure([perfect])).toEqual({ recall10: 1, recall100: 1, ndcg10: 1, mrr: 1 })
    expect(measure([{ found: [], relevant: new Set(['d1']) }])).toEqual({
      recall10: 0,
      recall100: 0,
      ndcg10: 0,
      mrr: 0,
    })
  })
})
