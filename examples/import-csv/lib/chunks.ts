import type { Row } from './csv.ts'

/** The server takes requests of 1 MiB; long rows must not add up to more. */
const MAX_CHUNK_CHARACTERS = 200_000

/** Rows in portions of at most `size`, in their order. */
export function split(rows: readonly Row[], size: number): Row[][] {
  const chunks: Row[][] = []
  let characters = 0
  for (const row of rows) {
    const length = row.title.length + (row.description?.length ?? 0)
    const open = chunks.at(-1)
    if (open !== undefined && open.length < size && characters + length <= MAX_CHUNK_CHARACTERS) {
      open.push(row)
      characters += length
    } else {
      chunks.push([row])
      characters = length
    }
  }
  return chunks
}
