import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, failBecause, invalid } from '../../../contract/errors.ts'
import { type Scope, scopes } from '../../../contract/scopes.ts'
import type { UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import { announceActor } from '../actors-topic.ts'
import { readPage } from '../paging.ts'
import {
  type ApiKeyRow,
  countKeys,
  countKeysInSession,
  insertKey,
  listKeys,
  lockOwner,
  revokeKey,
} from './api-keys.repository.ts'
import type {
  ApiKey,
  ApiKeysCreateInput,
  ApiKeysCreateOutput,
  ApiKeysListInput,
  ApiKeysListOutput,
} from './api-keys.schema.ts'
import { newKey } from './key-text.ts'

const MAX_KEYS = 50

/** How programs log in. A key acts with its user's role, within its scopes. */
export interface ApiKeysService {
  /**
   * Makes a key and shows it, this once.
   * @throws BAD_REQUEST for an end in the past; TOO_MANY_KEYS past 50; UNAUTHORIZED when the session or the user ended
   * meanwhile
   */
  create(call: {
    readonly actor: Actor
    readonly input: z.output<typeof ApiKeysCreateInput>
    readonly unit: UnitOfWork<z.input<typeof ApiKeysCreateOutput>>
  }): Promise<z.input<typeof ApiKeysCreateOutput>>
  /** The caller's keys, newest first. */
  list(call: {
    readonly actor: Actor
    readonly input: z.output<typeof ApiKeysListInput>
  }): Promise<z.input<typeof ApiKeysListOutput>>
  /** Ends a key of the caller. @throws NOT_FOUND */
  revoke(call: {
    readonly actor: Actor
    readonly input: { readonly id: string }
    readonly unit: UnitOfWork<{ ok: true }>
  }): Promise<{ ok: true }>
}

/** Builds the service. */
export function createApiKeysService(deps: {
  readonly database: Database
  readonly clock: Clock
}): ApiKeysService {
  const { database, clock } = deps
  return {
    async create({ actor, input, unit }) {
      const now = clock.now()
      const expiresAt = input.expiresAt === undefined ? null : new Date(input.expiresAt)
      if (expiresAt !== null && expiresAt <= now) throw invalid('expiresAt', 'Give a moment in the future.')
      const { userId } = actor
      const { key, prefix, keyHash } = newKey()
      const { name } = input
      return await unit.commit(async (change) => {
        if (!(await lockOwner(change.db, userId))) throw fail('UNAUTHORIZED')
        const { keys, live } = await countKeysInSession(change.db, { userId, id: actor.via.id, now })
        if (!live) throw fail('UNAUTHORIZED')
        if (keys >= MAX_KEYS) {
          throw failBecause('TOO_MANY_KEYS', { message: `At most ${MAX_KEYS} keys; revoke one first.` })
        }
        const row = await insertKey(change.db, {
          userId,
          name,
          prefix,
          keyHash,
          expiresAt,
          createdAt: now,
          scopes: [...input.scopes],
        })
        change.audit({ targetType: 'apiKey', targetId: row.id, changes: { name, scopes: row.scopes } })
        return { ...presentKey(row), key }
      })
    },
    async list({ actor, input }) {
      const { userId } = actor
      return await readPage(input, {
        scope: { list: 'apiKeys', filters: { userId } },
        rows: (slice) => listKeys(database.prisma, userId, slice),
        count: () => countKeys(database.prisma, userId),
        present: presentKey,
      })
    },
    async revoke({ actor, input, unit }) {
      const { userId } = actor
      return await unit.commit(async (change) => {
        if (!(await revokeKey(change.db, userId, input.id, clock.now()))) throw fail('NOT_FOUND')
        change.audit({ targetType: 'apiKey', targetId: input.id })
        announceActor(change, userId)
        return { ok: true }
      })
    },
  }
}

function presentKey(row: ApiKeyRow): z.input<typeof ApiKey> {
  const { id, name, prefix } = row
  return {
    id,
    name,
    prefix,
    scopes: row.scopes.filter(isScope),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  }
}

function isScope(text: string): text is Scope {
  return scopes.some((scope) => scope === text)
}
