/** Why the database cannot be used, in words for whoever starts the program; it needs no stack trace. */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError'
}
