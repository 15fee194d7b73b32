/**
 * Why the storage could not do something.
 * - `missing`: there is nothing under this key. - `too_large`: more bytes came than were allowed.
 * - `full`: the disk has no room left. - `unavailable`: it did not answer, or not properly.
 */
export type StorageFailure = 'missing' | 'too_large' | 'full' | 'unavailable'

/** The one error of the storage. Its message and cause are for the log. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly failure: StorageFailure

  constructor(failure: StorageFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.failure = failure
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** What the file system threw, as a {@link StorageError}; errors of somebody else pass as they are. */
export function fromFileSystem(thrown: unknown, what: string): unknown {
  const code = codeOf(thrown)
  if (code === undefined) return thrown
  if (code === 'ENOENT') return new StorageError('missing', `${what}: there is no such file`, thrown)
  return new StorageError(FULL.has(code) ? 'full' : 'unavailable', `${what}: ${code}`, thrown)
}

/** The code of a system error (`ENOENT`), or undefined when `thrown` is none. */
export function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('syscall' in thrown) || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}
