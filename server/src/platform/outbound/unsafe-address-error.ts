/** An address that a user gave leads to where users may not reach. Nothing was sent. */
export class UnsafeAddressError extends Error {
  override readonly name = 'UnsafeAddressError'

  constructor(host: string) {
    super(`${host} is not on the public internet`)
  }
}
