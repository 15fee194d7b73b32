import type { HitExplanation } from '../retriever.ts'

/** What one search found, the best first. */
export interface RankedList {
  readonly by: 'text' | 'vector'
  /** How much its word counts. */
  readonly weight: number
  readonly found: readonly { readonly chunkId: string; readonly score: number }[]
}

/** A chunk with what all searches say of it. */
export interface Fused {
  readonly chunkId: string
  readonly score: number
  readonly explain: HitExplanation
}

/**
 * How fast a rank loses worth. The paper has 60, which makes the first and the tenth nearly equal; 20 was better on each
 * of four collections (docs/knowledge.md).
 */
const K = 20

/**
 * Fuses rankings by reciprocal rank: each search gives a chunk `weight / (k + rank)`, and the sum decides. Scores of
 * different searches cannot be compared, ranks can.
 *
 * Cormack, Clarke and Büttcher: Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods,
 * SIGIR 2009.
 */
export function fuse(lists: readonly RankedList[]): Fused[] {
  const fused = new Map<string, Fused>()
  for (const { by, weight, found } of lists) {
    found.forEach(({ chunkId, score }, index) => {
      const before = fused.get(chunkId)
      const rank = index + 1
      const seen =
        by === 'text' ? { textRank: rank, textScore: score } : { vectorRank: rank, vectorScore: score }
      fused.set(chunkId, {
        chunkId,
        score: (before?.score ?? 0) + weight / (K + rank),
        explain: { ...before?.explain, ...seen },
      })
    })
  }
  // What is equally good stays in one order, whichever search answered first.
  return [...fused.values()].sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1))
}
