/** How well queries were answered: each the mean over all queries, 0 to 1. */
export interface Quality {
  /** The share of the relevant documents among the first ten. */
  readonly recall10: number
  /** The same among the first hundred. */
  readonly recall100: number
  /** Normalised discounted cumulative gain of the first ten, for relevant or not. */
  readonly ndcg10: number
  /** One over the rank of the first relevant document, 0 where none is among the first hundred. */
  readonly mrr: number
}

/** One query: what was found, the best first and each once, and what is relevant. */
export interface Answered {
  readonly found: readonly string[]
  readonly relevant: ReadonlySet<string>
}

const DEPTH = 100
const TOP = 10

/** Measures answers as TREC does (Järvelin and Kekäläinen 2002 for nDCG). */
export function measure(answers: readonly Answered[]): Quality {
  const mean = (of: (answer: Answered) => number) =>
    answers.length === 0 ? 0 : answers.reduce((sum, answer) => sum + of(answer), 0) / answers.length
  return {
    recall10: mean((answer) => recall(answer, TOP)),
    recall100: mean((answer) => recall(answer, DEPTH)),
    ndcg10: mean(ndcg),
    mrr: mean(reciprocalRank),
  }
}

function recall({ found, relevant }: Answered, depth: number): number {
  return found.slice(0, depth).filter((id) => relevant.has(id)).length / relevant.size
}

function ndcg({ found, relevant }: Answered): number {
  const gain = (rank: number) => 1 / Math.log2(rank + 2)
  let got = 0
  for (const [rank, id] of found.slice(0, TOP).entries()) if (relevant.has(id)) got += gain(rank)
  let best = 0
  for (let rank = 0; rank < Math.min(TOP, relevant.size); rank += 1) best += gain(rank)
  return got / best
}

function reciprocalRank({ found, relevant }: Answered): number {
  const first = found.slice(0, DEPTH).findIndex((id) => relevant.has(id))
  return first === -1 ? 0 : 1 / (first + 1)
}
