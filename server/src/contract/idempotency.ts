import { z } from 'zod'
import { query, queryIn, runAtCommit, type Tx } from '../platform/database/index.ts'
import type { ContractRuntime } from './call-context.ts'
import { canonicalJson } from './canonical-json.ts'
import { failBecause } from './errors.ts'
import type { RefreshCookie } from './unit-of-work.ts'

/** How long an answer is kept; the convention set by Stripe is at least 24 h. */
const KEEP_MS = 48 * 3_600_000
/** Answers to callers without an account may hold tokens; they are kept for as long as a client retries. */
const KEEP_ANONYMOUS_MS = 10 * 60_000
const PURPOSE = 'idempotency'
const INPUT_PURPOSE = 'idempotency-input'

/** A mutation that came with an idempotency key. Keys are per caller and procedure. */
export interface IdempotentCall {
  readonly owner: string
  readonly procedure: string
  readonly key: string
  readonly input: unknown
}

/** Thrown inside a transaction that lost the race for its key, after the winner has committed. */
export class Replay extends Error {
  override readonly name = 'Replay'
  readonly stored: StoredAnswer

  constructor(stored: StoredAnswer) {
    super('The call was answered before')
    this.stored = stored
  }
}

/** All that a call answered, to be given again. */
export interface StoredAnswer {
  readonly answer: unknown
  /** What happened to the caller's refresh cookie; null when it was taken out. */
  readonly cookie?: RefreshCookie | null | undefined
}

const StoredAnswerText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(
    z.object({
      answer: z.unknown(),
      cookie: z.object({ token: z.string(), maxAgeSeconds: z.number() }).nullish(),
    }),
  )

type Runtime = Pick<ContractRuntime, 'database' | 'secrets' | 'clock'>

/**
 * The stored answer, or undefined when the key is new. Runs before the service, which may refuse on second sight what
 * it did at first (a changed password).
 * @throws IDEMPOTENCY_MISMATCH when the key was used with other input
 */
export async function findAnswer(runtime: Runtime, call: IdempotentCall): Promise<StoredAnswer | undefined> {
  const { owner, procedure, key } = call
  const [row] = await query<KeyRow>(runtime.database, {
    name: 'plinth_find_key',
    text: `${KEY_ROW} AND expires_at > $4::timestamptz`,
    values: [owner, procedure, key, runtime.clock.now()],
  })
  return row && answerOf(runtime, call, row)
}

/** Whether a call with this key has an answer, whatever its input was. */
export async function isAnswered(
  { database, clock }: Pick<Runtime, 'database' | 'clock'>,
  { owner, procedure, key }: Omit<IdempotentCall, 'input'>,
): Promise<boolean> {
  const now = clock.now()
  const found = await database.prisma.idempotencyKey.count({
    where: { owner, procedure, key, expiresAt: { gt: now } },
  })
  return found > 0
}

/**
 * Claims the key inside the transaction. A second transaction waits here for the first to end: it goes on if that one
 * rolled back, and is given its answer if it committed.
 * @throws Replay, IDEMPOTENCY_MISMATCH
 */
export async function claimKey(runtime: Runtime, db: Tx, call: IdempotentCall): Promise<void> {
  const { owner, procedure, key } = call
  const now = runtime.clock.now()
  const keepMs = owner === 'anonymous' ? KEEP_ANONYMOUS_MS : KEEP_MS
  const claimed = await queryIn(db, {
    name: 'plinth_claim_key',
    text: CLAIM,
    values: [owner, procedure, key, inputMac(runtime, call), new Date(now.getTime() + keepMs), now],
  })
  if (claimed.length === 1) return
  const [row] = await queryIn<KeyRow>(db, {
    name: 'plinth_claimed_key',
    text: KEY_ROW,
    values: [owner, procedure, key],
  })
  if (row === undefined) throw new Error('A claimed key has no row')
  throw new Replay(answerOf(runtime, call, row))
}

const CLAIM = `
  INSERT INTO idempotency_keys (owner, procedure, key, input_hash, expires_at)
  VALUES ($1, $2, $3, $4, $5::timestamptz)
  ON CONFLICT (owner, procedure, key) DO UPDATE
    SET input_hash = excluded.input_hash, sealed_answer = NULL, created_at = now(), expires_at = excluded.expires_at
    WHERE idempotency_keys.expires_at <= $6::timestamptz
  RETURNING key`

/** Keeps the answer with the commit, or gives the key free when the call failed after writing. */
export function saveAnswer(
  runtime: Runtime,
  db: Tx,
  call: IdempotentCall,
  stored: StoredAnswer | undefined,
): void {
  const place = [call.owner, call.procedure, call.key]
  if (stored === undefined) {
    runAtCommit(db, {
      name: 'plinth_free_key',
      text: `DELETE FROM idempotency_keys ${AT_KEY}`,
      values: place,
    })
    return
  }
  const sealedAnswer = runtime.secrets.seal(PURPOSE, Buffer.from(JSON.stringify(stored)), boundTo(call))
  runAtCommit(db, {
    name: 'plinth_save_answer',
    text: `UPDATE idempotency_keys SET sealed_answer = $4 ${AT_KEY}`,
    values: [...place, sealedAnswer],
  })
}

const AT_KEY = 'WHERE owner = $1 AND procedure = $2 AND key = $3'

interface KeyRow {
  readonly inputHash: string
  readonly sealedAnswer: Uint8Array | null
}

const KEY_ROW = `
  SELECT input_hash AS "inputHash", sealed_answer AS "sealedAnswer" FROM idempotency_keys ${AT_KEY}`

function answerOf(runtime: Runtime, call: IdempotentCall, row: KeyRow): StoredAnswer {
  if (!runtime.secrets.verifyMac(INPUT_PURPOSE, canonicalJson(call.input), row.inputHash))
    throw failBecause('IDEMPOTENCY_MISMATCH')
  const plain =
    row.sealedAnswer === null ? null : runtime.secrets.open(PURPOSE, row.sealedAnswer, boundTo(call))
  // Committed rows always hold an answer; one that does not open was made with a secret that is gone.
  if (plain === null) throw failBecause('IDEMPOTENCY_MISMATCH')
  return StoredAnswerText.parse(Buffer.from(plain).toString())
}

function boundTo(call: IdempotentCall): string {
  return JSON.stringify([call.owner, call.procedure, call.key])
}

/** A MAC, not a hash: inputs hold passwords, and a plain hash of one could be guessed from a copy of the database. */
function inputMac(runtime: Runtime, call: IdempotentCall): string {
  return runtime.secrets.mac(INPUT_PURPOSE, canonicalJson(call.input))
}
