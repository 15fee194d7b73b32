/**
 * How often one caller may call. `points` calls in `seconds`, counted per procedure group and caller (user, or address
 * when anonymous), per call also inside a batch.
 */
export const limits = {
  read: { points: 600, seconds: 10 },
  write: { points: 300, seconds: 10 },
  /** Log-in and everything that tries a password or a secret. */
  credential: { points: 20, seconds: 10 },
  /** Everything that sends mail to an address the caller names. */
  mail: { points: 5, seconds: 60 },
  /** Everything that sends mail to people with an account. */
  message: { points: 60, seconds: 60 },
  refresh: { points: 150, seconds: 300 },
  /** Everything that asks a model; what it may cost is the budget's matter. */
  model: { points: 60, seconds: 60 },
  /** Searching: an embedding and two searches a call. */
  search: { points: 120, seconds: 60 },
  /** Looking up people by e-mail. */
  lookup: { points: 60, seconds: 60 },
  /** Credentials that were refused, per address: looking one up costs a query. */
  refused: { points: 100, seconds: 10 },
  stream: { points: 30, seconds: 10 },
} as const satisfies Record<string, { points: number; seconds: number }>

/** A limit a policy can name. */
export type LimitName = keyof typeof limits
