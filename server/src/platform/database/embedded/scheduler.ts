/** Runs wire protocol messages and returns the whole answer. */
export type Execute = (messages: Buffer) => Promise<Uint8Array>

interface Unit {
  readonly owner: object
  readonly run: () => Promise<boolean>
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/**
 * One session shared by many connections: units of work run one at a time in the order they came, and a connection
 * that opened a transaction is alone until it ends it.
 */
export class Scheduler {
  readonly #waiting: Unit[] = []
  #holder: object | undefined
  #busy = false

  /** Runs `work` when it is `owner`'s turn; `work` tells whether the owner keeps the session (an open transaction). */
  schedule(owner: object, work: () => Promise<boolean>): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ owner, run: work, done, failed })
      void this.#drain()
    })
  }

  /** True while `owner` keeps the session. */
  isHeldBy(owner: object): boolean {
    return this.#holder === owner
  }

  async #drain(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    for (let unit = this.#next(); unit !== undefined; unit = this.#next()) {
      try {
        this.#holder = (await unit.run()) ? unit.owner : undefined
        unit.done()
      } catch (error) {
        this.#holder = undefined
        unit.failed(error)
      }
    }
    this.#busy = false
  }

  #next(): Unit | undefined {
    const holder = this.#holder
    if (holder === undefined) return this.#waiting.shift()
    const index = this.#waiting.findIndex((unit) => unit.owner === holder)
    return index === -1 ? undefined : this.#waiting.splice(index, 1)[0]
  }
}
