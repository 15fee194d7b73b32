/**
 * Finds the messages in what a PostgreSQL server sends, however it is cut: a byte that says the type, then a length of
 * four bytes that counts itself ("Message Flow" of PostgreSQL's manual). Calls `see` with each type.
 */
export function messageReader(see: (type: string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let skip = 0
  return (chunk) => {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      const skipped = Math.min(skip, data.length)
      data = data.subarray(skipped)
      skip -= skipped
      if (skip > 0 || data.length < 5) break
      see(data.toString('latin1', 0, 1))
      skip = 1 + data.readUInt32BE(1)
    }
    rest = data
  }
}
