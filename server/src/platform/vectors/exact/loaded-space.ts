import type { SpaceState, StoredVector } from './exact-rows.ts'
import type { Block } from './nearest-rows.ts'
import { readInto } from './vector-bytes.ts'

const FIRST_ID = '00000000-0000-0000-0000-000000000000'
/** The first block of a small space is small. */
const FIRST_ROWS = 256

/** The vectors of a space as this process remembers them. */
export class LoadedSpace {
  readonly dimension: number
  readonly era: number
  readonly #capacity: number
  readonly #blocks: { numbers: Float32Array<SharedArrayBuffer>; ids: string[] }[] = []
  readonly #places = new Map<string, { block: number; row: number }>()
  /** Everything up to this version is in it. */
  version = 0
  /** The last row that was read, in the order of versions: where reading goes on. */
  readTo: { readonly version: number; readonly chunkId: string } = { version: 0, chunkId: FIRST_ID }

  /** `blockRows`: how many vectors the later blocks hold. */
  constructor(state: SpaceState, blockRows: number) {
    this.dimension = state.dimension
    this.era = state.era
    this.#capacity = blockRows
  }

  get blocks(): readonly Block[] {
    return this.#blocks.map(({ numbers, ids }) => ({ numbers, rows: ids.length }))
  }

  /** Memory it holds, ids included, roughly. */
  get bytes(): number {
    const numbers = this.#blocks.reduce((sum, block) => sum + block.numbers.byteLength, 0)
    return numbers + this.#places.size * BYTES_PER_ID
  }

  /** Adds it, or takes the place of the one with its id. */
  put({ chunkId, bytes }: StoredVector): void {
    const { block, row } = this.#places.get(chunkId) ?? this.#newPlace(chunkId)
    const numbers = this.#blocks[block]?.numbers
    if (numbers !== undefined) readInto(numbers, row * this.dimension, bytes)
  }

  chunkIdAt(block: number, row: number): string | undefined {
    return this.#blocks[block]?.ids[row]
  }

  #newPlace(chunkId: string): { block: number; row: number } {
    let last = this.#blocks.at(-1)
    if (last === undefined || last.ids.length * this.dimension === last.numbers.length) {
      const rows = last === undefined ? Math.min(FIRST_ROWS, this.#capacity) : this.#capacity
      last = { numbers: new Float32Array(new SharedArrayBuffer(rows * this.dimension * 4)), ids: [] }
      this.#blocks.push(last)
    }
    const place = { block: this.#blocks.length - 1, row: last.ids.length }
    last.ids.push(chunkId)
    this.#places.set(chunkId, place)
    return place
  }
}

/** A UUID's text, a place and their share of a list and a map. */
const BYTES_PER_ID = 200
