/** A line of input, or undefined for one that was longer than allowed, whose text is gone. */
export type Line = string | undefined

/**
 * The lines of `input`, as UTF-8. The last one counts without a line break, too; empty ones do not.
 * @param maxBytes a longer line is skipped
 */
export async function* linesOf(
  input: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Line, void> {
  let parts: Uint8Array[] = []
  let bytes = 0
  const keep = (part: Uint8Array): void => {
    bytes += part.length
    if (bytes > maxBytes) parts = []
    else parts.push(part)
  }
  const take = (): Line => {
    const line = bytes > maxBytes ? undefined : Buffer.concat(parts).toString('utf8').trim()
    parts = []
    bytes = 0
    return line
  }
  for await (const chunk of input) {
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, at))
      from = at + 1
      const line = take()
      if (line !== '') yield line
    }
    keep(chunk.subarray(from))
  }
  const last = take()
  if (last !== '') yield last
}
