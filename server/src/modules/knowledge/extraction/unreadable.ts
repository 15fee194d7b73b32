/** A document that cannot be taken in, and why in words for people. Trying again would not change it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}
