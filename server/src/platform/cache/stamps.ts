import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Bus } from '../events/bus.ts'
import type { RedisConnection } from '../redis/index.ts'

/** Tags whose tokens are kept; a forgotten token makes its entries unreadable, never wrong. */
const MAX_TOKENS = 50_000
/** How soon processes agree on one epoch again after one of them began another. */
const EPOCH_KEPT_MS = 10_000
/** How long a tag for which Redis had no room is this process's own. */
const OWN_KEPT_MS = 30_000
/** Longer than any entry lives. */
const TOKEN_LIFE_SECONDS = 86_400
const RETRY_MS = 1_000
const EPOCH = '*'

/** What the key of an entry ends with: the tokens of its tags. With another token it is another entry. */
export interface Stamp {
  readonly text: string
  /** The tokens are those of Redis, so that other processes find the entry too. */
  readonly shared: boolean
}

/** The tokens of tags, as this process knows them. */
export interface Stamps {
  /** The stamp of what is loaded from now on; at once when all tokens are known. */
  stampOf(tags: readonly string[]): Stamp | Promise<Stamp>
  /** Gives the tag another token, here and in Redis: nothing that was loaded before is found again. */
  forget(tag: string): void
  close(): void
}

/** What {@link createStamps} needs. */
export interface StampsDeps {
  readonly bus: Pick<Bus, 'healthy' | 'onHealthChange'>
  readonly redis: RedisConnection | undefined
  readonly prefix: string
}

interface Token {
  readonly text: string
  readonly shared: boolean
}

/**
 * Each tag has a random token, in Redis when there is one. An entry is stored under the tokens of its tags as they were
 * *before* it was loaded, so a load that overlaps a change is stored where nobody looks any more. Every process hears of
 * every change and deletes the token itself, before its next look at Redis on the same connection: it does not rely on
 * others having done so. A process that may have missed a change, or could not delete a token, begins a new epoch: a
 * token that is part of every stamp.
 */
export function createStamps({ bus, redis, prefix }: StampsDeps): Stamps {
  const tokens = new LRUCache<string, Token>({ max: MAX_TOKENS })
  const keyOf = (tag: string): string => `${prefix}:tag:${tag}`
  let changes = 0
  let shared = false
  let epochs = 0
  let retry: NodeJS.Timeout | undefined

  async function startOver(): Promise<void> {
    epochs += 1
    changes += 1
    const mine = epochs
    shared = false
    tokens.clear()
    clearTimeout(retry)
    if (redis?.available() !== true || !bus.healthy()) return
    try {
      await redis.client.unlink(keyOf(EPOCH))
    } catch {
      if (mine === epochs) retry = setTimeout(() => void startOver(), RETRY_MS).unref()
      return
    }
    if (mine !== epochs) return
    tokens.clear()
    shared = true
  }

  function remember(tag: string, token: Token): Token {
    const ttl = tag === EPOCH ? EPOCH_KEPT_MS : shared && !token.shared ? OWN_KEPT_MS : 0
    tokens.set(tag, token, { ttl })
    return token
  }

  /** Reads the tokens of `tags` from Redis, making those that are missing; one round trip. */
  async function fetchTokens({ client }: RedisConnection, tags: readonly string[]): Promise<Token[]> {
    const before = changes
    const pipeline = client.pipeline()
    for (const tag of tags) {
      pipeline.set(keyOf(tag), newToken(), 'EX', TOKEN_LIFE_SECONDS, 'NX').get(keyOf(tag))
    }
    const replies = (await pipeline.exec().catch(() => null)) ?? []
    return tags.map((tag, index) => {
      const text = replies[2 * index + 1]?.[1]
      const token = typeof text === 'string' ? { text, shared: true } : ownToken()
      // Forgotten while it was on its way, perhaps: good for this one load, which began before.
      return before === changes ? remember(tag, token) : token
    })
  }

  async function fetchStamp(connection: RedisConnection, tags: readonly string[]): Promise<Stamp> {
    const missing = tags.filter((tag) => tokens.get(tag) === undefined)
    const known = new Map(tags.map((tag) => [tag, tokens.get(tag)]))
    const fetched = await fetchTokens(connection, missing)
    for (const [index, token] of fetched.entries()) known.set(missing[index] ?? '', token)
    return stampOfTokens(tags.map((tag) => known.get(tag) ?? ownToken()))
  }

  const stopListening = bus.onHealthChange(() => void startOver())
  redis?.onAvailable(() => void startOver())

  return {
    stampOf(tags) {
      const wanted = shared ? [EPOCH, ...tags] : tags
      const known = wanted.map((tag) => tokens.get(tag))
      if (known.every((token) => token !== undefined)) return stampOfTokens(known)
      if (shared && redis !== undefined) return fetchStamp(redis, wanted)
      return stampOfTokens(wanted.map((tag, index) => known[index] ?? remember(tag, ownToken())))
    },
    forget(tag) {
      changes += 1
      tokens.delete(tag)
      if (redis?.available() === true) redis.client.unlink(keyOf(tag)).catch(() => void startOver())
    },
    close() {
      stopListening()
      clearTimeout(retry)
      tokens.clear()
    },
  }
}

function stampOfTokens(tokens: readonly Token[]): Stamp {
  return {
    text: tokens.map(({ text }) => text).join('.'),
    shared: tokens.every((token) => token.shared),
  }
}

function newToken(): string {
  return randomBytes(9).toString('base64url')
}

function ownToken(): Token {
  return { text: newToken(), shared: false }
}
