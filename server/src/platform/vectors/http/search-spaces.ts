import type { VectorHit } from '../vector-store.ts'

/** Requests to one server under way at once, for one search. */
const AT_ONCE = 8

/** Searches spaces that a server keeps apart, and puts together what was found. The nearest first. */
export async function searchSpaces(
  spaceIds: readonly string[],
  limit: number,
  searchOne: (spaceId: string) => Promise<readonly VectorHit[]>,
): Promise<VectorHit[]> {
  let best: VectorHit[] = []
  for (let start = 0; start < spaceIds.length; start += AT_ONCE) {
    const found = await Promise.all(spaceIds.slice(start, start + AT_ONCE).map(searchOne))
    best = [...best, ...found.flat()].sort((a, b) => b.score - a.score).slice(0, limit)
  }
  return best
}
