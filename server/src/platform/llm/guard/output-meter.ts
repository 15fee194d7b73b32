/** Text is counted in pieces of so many characters, so that counting costs the same however the text comes. */
const PIECE = 200

/** Lets text through until it has as many tokens as an answer may have. */
export interface OutputMeter {
  /** As much of `text` as there is room for. */
  take(text: string): string
  /** Tokens let through. */
  readonly tokens: number
  readonly isFull: boolean
}

/** Builds a meter for one answer of `max` tokens, as `countTokens` counts them. */
export function createOutputMeter(countTokens: (text: string) => number, max: number): OutputMeter {
  let settled = 0
  let pending = ''
  let isFull = false

  const takePiece = (piece: string): string => {
    const tokens = countTokens(pending + piece)
    if (settled + tokens > max) {
      isFull = true
      return ''
    }
    pending += piece
    if (pending.length >= PIECE) {
      settled += tokens
      pending = ''
    }
    return piece
  }

  return {
    get tokens() {
      return settled + countTokens(pending)
    },
    get isFull() {
      return isFull
    },
    take(text) {
      let taken = ''
      for (let at = 0; at < text.length && !isFull; at += PIECE)
        taken += takePiece(text.slice(at, at + PIECE))
      return taken
    },
  }
}
