import type { Outcome } from './surface.ts'

/** A subscription that was refused; carries what it was told. */
export class RefusedStream extends Error {
  override readonly name = 'RefusedStream'
  readonly outcome: Outcome

  constructor(outcome: Outcome) {
    super(`The stream was refused: ${outcome.text.slice(0, 300)}`)
    this.outcome = outcome
  }
}

/** What `Surface.watch` throws when the stream is refused. */
export function refusedStream(outcome: Pick<Outcome, 'error' | 'traceId' | 'text'>): RefusedStream {
  return new RefusedStream({
    status: undefined,
    data: undefined,
    replayed: undefined,
    ...outcome,
  })
}
