/** What the host process is told on its command line. */
export interface HostOptions {
  readonly dataDirectory: string
  readonly socketDirectory: string
  /** The process that owns the host. */
  readonly pid: number
  /** How long to wait for a predecessor that is just ending. */
  readonly lockWaitMs: number
  readonly idleInTransactionMs: number
}

/** The one thing the parent says later: finish what runs, write everything down, end. */
export const STOP = 'stop'

/** `options` as arguments of a command. */
export function hostArguments(options: HostOptions): string[] {
  const { dataDirectory, socketDirectory, pid, lockWaitMs, idleInTransactionMs } = options
  return [dataDirectory, socketDirectory, ...[pid, lockWaitMs, idleInTransactionMs].map(String)]
}

/**
 * What {@link hostArguments} wrote. Read by hand: the host needs no schema for anything else, and loading zod was 35 of
 * the 75 ms before it could open the database.
 * @throws Error when something is missing, or no number where there should be one
 */
export function readHostArguments(written: readonly string[]): HostOptions {
  const [dataDirectory, socketDirectory, ...numbers] = written
  const [pid, lockWaitMs, idleInTransactionMs] = numbers.map(Number)
  if (
    dataDirectory === undefined ||
    socketDirectory === undefined ||
    pid === undefined ||
    lockWaitMs === undefined ||
    idleInTransactionMs === undefined ||
    !numbers.every((number) => Number.isInteger(Number(number)))
  ) {
    throw new Error('The host of the embedded database is started by the server, not by hand.')
  }
  return { dataDirectory, socketDirectory, pid, lockWaitMs, idleInTransactionMs }
}
