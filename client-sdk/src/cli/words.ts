/** `dueAt` as it is typed: `due-at`. Dots stay, so that `data.dueAt` is `data.due-at`. */
export function kebab(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}

/** The words of a procedure's path as they are typed: `projects.members.setRole` is `projects members set-role`. */
export function wordsOf(path: string): string[] {
  return path.split('.').map(kebab)
}

/** The candidates that look most like `word`, best first, at most three; none when nothing is near. */
export function similar(word: string, candidates: Iterable<string>): string[] {
  const limit = Math.max(2, Math.floor(word.length / 3))
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: likeness(word, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** What a beginning leaves out counts less than what is typed wrong. */
function likeness(word: string, candidate: string): number {
  if (word.length > 1 && candidate.startsWith(word)) return 1
  return editDistance(word, candidate)
}

/** Levenshtein's distance, one row at a time; swapping two neighbours counts one (optimal string alignment). */
function editDistance(one: string, other: string): number {
  let before: number[] = []
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1]
      let cost = Math.min(at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      if (swapped) cost = Math.min(cost, at(before, j - 2) + 1)
      next.push(cost)
    }
    before = row
    row = next
  }
  return at(row, other.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
