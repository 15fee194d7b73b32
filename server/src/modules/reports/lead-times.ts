/** Durations, of which only counts are kept: any number of them takes the same memory. */
export interface LeadTimes {
  add(ms: number): void
  readonly count: number
  averageHours(): number
  /** What the part `share` (0 to 1) of all durations does not exceed, within 1 %. */
  hoursOf(share: number): number
}

const HOUR_MS = 3_600_000
/** What is shorter counts as so long. */
const SHORTEST_MS = 60_000
/** Each bucket begins 2 % later than the one before, so that its middle is at most 1 % off. */
const STEP = Math.log(1.02)
/** Up to 100 years. */
const BUCKETS = Math.ceil(Math.log((100 * 365.25 * 24 * HOUR_MS) / SHORTEST_MS) / STEP)

/** No durations yet. */
export function createLeadTimes(): LeadTimes {
  const buckets = new Uint32Array(BUCKETS)
  let count = 0
  let totalMs = 0
  return {
    add(ms) {
      const bucket = Math.floor(Math.log(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) / STEP)
      const index = Math.min(bucket, BUCKETS - 1)
      buckets[index] = (buckets[index] ?? 0) + 1
      count += 1
      totalMs += Math.max(ms, 0)
    },
    get count() {
      return count
    },
    averageHours: () => totalMs / count / HOUR_MS,
    hoursOf(share) {
      const wanted = Math.max(1, Math.ceil(count * share))
      let index = 0
      for (let seen = buckets[0] ?? 0; seen < wanted && index < BUCKETS - 1; seen += buckets[index] ?? 0)
        index += 1
      return (SHORTEST_MS * Math.exp((index + 0.5) * STEP)) / HOUR_MS
    },
  }
}
