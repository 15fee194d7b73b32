/** A command line that cannot be carried out as written; nothing was sent. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** What to type instead, one suggestion per line. */
  readonly hints: readonly string[]

  constructor(message: string, ...hints: readonly string[]) {
    super(message)
    this.hints = hints
  }
}
