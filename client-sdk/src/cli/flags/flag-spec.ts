/** A flag that a command knows. */
export interface FlagSpec {
  /** Without the dashes. */
  readonly name: string
  /** One letter. */
  readonly short?: string
  /** What its value is called in help; a flag without one takes no value. */
  readonly value?: string
  /** May be given several times. */
  readonly isList?: boolean
  readonly description: string
  /** What can be given, for help and completion. */
  readonly choices?: readonly string[]
  /** Completed with the names of files. */
  readonly isFile?: boolean
  /** Understood, and left out of help and completion. */
  readonly isHidden?: boolean
}
