/** The stream of an answer stopped before its end. */
export class AnswerCutError extends Error {
  override readonly name = 'AnswerCutError'
  /** Whether anything came before. */
  readonly began: boolean

  constructor(began: boolean) {
    super(began ? 'The answer stopped before its end' : 'There was no answer in what came')
    this.began = began
  }
}
