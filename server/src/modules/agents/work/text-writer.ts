/** Text is written down so often while it comes: often enough to read along, seldom enough for the database. */
const EVERY_MS = 150

/** Keeps text that comes piece by piece, a few pieces at a time. */
export interface TextWriter {
  push(piece: string): void
  /** All that was pushed so far. */
  text(): string
  /** What was not written yet; to be written with the end. @throws what writing did */
  rest(): Promise<string>
}

/**
 * Builds a {@link TextWriter}. `write` gets the new piece and the whole text; never twice at once.
 * @param failed called once when writing fails: nothing that follows is of use
 */
export function createTextWriter(
  write: (piece: string, whole: string) => Promise<void>,
  failed: (error: unknown) => void,
): TextWriter {
  let whole = ''
  let written = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let failure: { readonly error: unknown } | undefined

  const flush = (): void => {
    timer = undefined
    writing = writing.then(async () => {
      const until = whole
      const piece = until.slice(written)
      if (failure !== undefined || piece === '') return
      try {
        await write(piece, until)
        written = until.length
      } catch (error) {
        failure = { error }
        failed(error)
      }
    })
  }
  return {
    push(piece) {
      if (piece === '') return
      whole += piece
      timer ??= setTimeout(flush, EVERY_MS)
    },
    text: () => whole,
    async rest() {
      clearTimeout(timer)
      await writing
      if (failure !== undefined) throw failure.error
      return whole.slice(written)
    },
  }
}
