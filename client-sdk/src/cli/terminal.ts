/** Where a command reads and writes. Data goes to stdout, everything said about it to stderr. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person reads the data. */
  readonly outIsTerminal: boolean
  /** Whether a person reads the messages. */
  readonly errIsTerminal: boolean
  /** Whether a person can be asked. */
  readonly canAsk: boolean
  readonly colourOut: boolean
  readonly colourErr: boolean
  readonly columns: number
  /** Aborts when the command is interrupted. */
  readonly signal: AbortSignal
  /** Writes data; resolves when more is wanted. */
  write(text: string): Promise<void>
  /** Writes a message of one or more lines, without what a terminal would act on but colours. */
  say(message: string): void
  /** Writes over the current line of messages; for progress, where {@link errIsTerminal}. */
  rewrite(line: string): void
  /** All of standard input, the same each time. @throws UsageError when it is a terminal or too long */
  readInput(): Promise<string>
  /** Standard input as it comes; ends when the command is interrupted. */
  input(): AsyncIterable<Uint8Array>
}
