/** Places of one feature: with several, two features that share one are still told apart. */
const PLACES = 4

/** Adds a feature to a vector, at places and with signs that follow from its name (FNV-1a, then MurmurHash3's mixing). */
export function addFeature(vector: Float32Array, feature: string, weight: number): void {
  let hash = 0x811c9dc5
  for (let at = 0; at < feature.length; at += 1) hash = Math.imul(hash ^ feature.charCodeAt(at), 0x01000193)
  for (let place = 0; place < PLACES; place += 1) {
    hash = (hash + 0x9e3779b9) | 0
    const mixed = mix(hash)
    const index = (mixed >>> 1) % vector.length
    vector[index] = (vector[index] ?? 0) + ((mixed & 1) === 1 ? weight : -weight)
  }
}

function mix(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return second ^ (second >>> 16)
}
