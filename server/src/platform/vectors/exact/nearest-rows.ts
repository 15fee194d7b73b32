/** Vectors of one space, one after the other, in memory that threads share. */
export interface Block {
  readonly numbers: Float32Array<SharedArrayBuffer>
  /** How many vectors there are in it; there may be room for more. */
  readonly rows: number
}

/** What a thread is asked. */
export interface NearestQuestion {
  readonly blocks: readonly Block[]
  readonly vector: Float32Array
  readonly limit: number
}

/** A row: of which block, which one in it, and how near. */
export interface NearRow {
  readonly block: number
  readonly row: number
  readonly score: number
}

/** Compares `vector` with every row; all have length 1. The nearest first. */
export function nearestRows({ blocks, vector, limit }: NearestQuestion): NearRow[] {
  const best: NearRow[] = []
  let worst = Number.NEGATIVE_INFINITY
  blocks.forEach(({ numbers, rows }, block) => {
    for (let row = 0; row < rows; row += 1) {
      const score = product(numbers, row * vector.length, vector)
      if (best.length === limit && score <= worst) continue
      insert(best, { block, row, score })
      if (best.length > limit) best.pop()
      if (best.length === limit) worst = best.at(-1)?.score ?? worst
    }
  })
  return best
}

/** Keeps `best` sorted. */
function insert(best: NearRow[], row: NearRow): void {
  let [low, high] = [0, best.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((best[middle]?.score ?? 0) >= row.score) low = middle + 1
    else high = middle
  }
  best.splice(low, 0, row)
}

/** Four sums side by side keep the processor busier than one. */
function product(numbers: Float32Array, start: number, vector: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  let index = 0
  for (; index + 3 < vector.length; index += 4) {
    a += (numbers[start + index] ?? 0) * (vector[index] ?? 0)
    b += (numbers[start + index + 1] ?? 0) * (vector[index + 1] ?? 0)
    c += (numbers[start + index + 2] ?? 0) * (vector[index + 2] ?? 0)
    d += (numbers[start + index + 3] ?? 0) * (vector[index + 3] ?? 0)
  }
  for (; index < vector.length; index += 1) a += (numbers[start + index] ?? 0) * (vector[index] ?? 0)
  return a + b + c + d
}
