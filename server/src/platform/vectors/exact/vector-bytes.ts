/** `vector` with length 1, so that a product of two is the cosine of their angle. */
export function unitOf(vector: Float32Array): Float32Array {
  const length = Math.hypot(...lengthParts(vector))
  return vector.map((number) => number / length)
}

/** Sums in parts: spreading thousands of arguments is slow, and squares of large numbers would overflow. */
function lengthParts(vector: Float32Array): number[] {
  const parts: number[] = []
  for (let start = 0; start < vector.length; start += 256) {
    parts.push(Math.hypot(...vector.subarray(start, start + 256)))
  }
  return parts
}

/** Four little-endian bytes per number. */
export function bytesOf(vector: Float32Array): Buffer {
  const bytes = Buffer.allocUnsafe(vector.length * 4)
  for (const [index, number] of vector.entries()) bytes.writeFloatLE(number, index * 4)
  return bytes
}

/** Writes the numbers of `bytes` into `target` from `start` on. */
export function readInto(target: Float32Array, start: number, bytes: Buffer): void {
  for (let index = 0; index * 4 < bytes.length; index += 1) {
    target[start + index] = bytes.readFloatLE(index * 4)
  }
}
