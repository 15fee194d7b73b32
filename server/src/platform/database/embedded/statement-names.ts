import { FRONTEND, type Frame, message } from './wire-frames.ts'

let given = 0

/**
 * Gives one connection its own namespace of prepared statements: behind the socket there is a single session, and two
 * connections that both prepare "find_user" must not meet.
 */
export class StatementNames {
  readonly #names = new Map<string, string>()

  /** `frame` with the statement name in it, if it has one, replaced by the session-wide one. */
  translate(frame: Frame): Buffer {
    switch (frame.type) {
      case FRONTEND.parse:
        return this.#replaceAt(frame, 5)
      case FRONTEND.bind:
        return this.#replaceAt(frame, frame.bytes.indexOf(0, 5) + 1)
      case FRONTEND.describe:
      case FRONTEND.close:
        return frame.bytes[5] === 0x53 ? this.#replaceAt(frame, 6) : frame.bytes
      default:
        return frame.bytes
    }
  }

  /** Messages that drop every statement this connection prepared. */
  closeAll(): Buffer {
    const closes = [...this.#names.values()].map((name) => message(FRONTEND.close, Buffer.from(`S${name}\0`)))
    this.#names.clear()
    return Buffer.concat(closes)
  }

  #replaceAt({ type, bytes }: Frame, start: number): Buffer {
    const end = bytes.indexOf(0, start)
    if (end <= start) return bytes
    const name = bytes.toString('utf8', start, end)
    let own = this.#names.get(name)
    if (own === undefined) {
      own = `s${++given}`
      this.#names.set(name, own)
    }
    return message(type, Buffer.concat([bytes.subarray(5, start), Buffer.from(own), bytes.subarray(end)]))
  }
}
