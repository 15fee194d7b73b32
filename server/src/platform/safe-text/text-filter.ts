/** Text goes through it piece by piece; where it is cut makes no difference to what comes out in the end. */
export interface TextFilter {
  /** What is certain by now; it may hold back a little until it knows what follows. */
  push(piece: string): string
  /** What was held back. Nothing can be pushed afterwards. */
  end(): string
}
