import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, invalid } from '../../../contract/errors.ts'
import { roleAtLeast } from '../../../contract/policy.ts'
import type { UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Cache, CacheOptions } from '../../../platform/cache/index.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { User } from '../accounts.schema.ts'
import { announceActor } from '../actors-topic.ts'
import { readPage } from '../paging.ts'
import { profileTag } from './profile-tag.ts'
import { ALL_STATS, statsTag } from './stats-tags.ts'
import { countUsers, countWork, listUsers, type UserStats, updateUser } from './users.admin.repository.ts'
import { presentUser } from './users.presenter.ts'
import { findUser, findUserByEmail } from './users.repository.ts'
import {
  type UsersListInput,
  type UsersListOutput,
  type UsersSetPlanInput,
  UsersStatsOutput,
  type UsersUpdateInput,
} from './users.schema.ts'

type UserAnswer = z.input<typeof User>

/** Reading accounts and changing what is harmless. Other people's accounts look like missing ones, except to admins. */
export interface UsersService {
  /** The caller's own account. @throws NOT_FOUND */
  me(call: { readonly actor: Actor }): Promise<UserAnswer>
  /** @throws NOT_FOUND */
  get(call: { readonly actor: Actor; readonly input: { readonly id: string } }): Promise<UserAnswer>
  /** @throws NOT_FOUND */
  getByEmail(call: { readonly actor: Actor; readonly input: { readonly email: string } }): Promise<UserAnswer>
  /** For admins: accounts, newest first. */
  list(call: { readonly input: z.output<typeof UsersListInput> }): Promise<z.input<typeof UsersListOutput>>
  /** @throws NOT_FOUND, BAD_REQUEST (`data.preferredProvider`) */
  update(call: {
    readonly actor: Actor
    readonly input: z.output<typeof UsersUpdateInput>
    readonly unit: UnitOfWork<UserAnswer>
  }): Promise<UserAnswer>
  /** For admins. Takes effect with the user's next call. @throws NOT_FOUND */
  setPlan(call: {
    readonly input: z.output<typeof UsersSetPlanInput>
    readonly unit: UnitOfWork<UserAnswer>
  }): Promise<UserAnswer>
  /** @throws NOT_FOUND */
  stats(call: { readonly actor: Actor; readonly input: { readonly id: string } }): Promise<UserStats>
}

/** What the service is made of. */
export interface UsersServiceDeps {
  readonly database: Database
  readonly cache: Cache
  /** What the ways of reaching language models are called. */
  readonly providerNames: () => readonly string[]
}

/** Whatever changes a user's projects or tasks ends it earlier. */
const STATS_TTL_MS = 5 * 60_000

const statsOptions = (id: string): CacheOptions<UserStats> => ({
  schema: UsersStatsOutput,
  ttlMs: STATS_TTL_MS,
  tags: [ALL_STATS, statsTag(id)],
})

/** Builds the service. */
export function createUsersService({ database, cache, providerNames }: UsersServiceDeps): UsersService {
  const get = async (id: string): Promise<UserAnswer> =>
    presentUser(there(await findUser(database.prisma, id)))
  return {
    me: ({ actor }) => get(actor.userId),
    async get({ actor, input }) {
      requireSelfOrAdmin(actor, input.id)
      return await get(input.id)
    },
    async getByEmail({ actor, input }) {
      const user = there(await findUserByEmail(database.prisma, input.email))
      requireSelfOrAdmin(actor, user.id)
      return presentUser(user)
    },
    async list({ input }) {
      const { search, role } = input
      const filter = { search, role }
      return await readPage(input, {
        scope: { list: 'users', filters: filter },
        rows: (slice) => listUsers(database.prisma, filter, slice),
        count: () => countUsers(database.prisma, filter),
        present: presentUser,
      })
    },
    async update({ actor, input, unit }) {
      const { id, data } = input
      requireSelfOrAdmin(actor, id)
      requireProvider(data.preferredProvider, providerNames())
      const given = {
        ...(data.fullName === undefined ? {} : { fullName: data.fullName }),
        ...(data.preferredProvider === undefined ? {} : { preferredProvider: data.preferredProvider }),
      }
      return await unit.commit(async (change) => {
        const user = there(await updateUser(change.db, id, given))
        change.audit({ targetType: 'user', targetId: id, changes: given })
        change.invalidate(profileTag(id))
        return presentUser(user)
      })
    },
    async setPlan({ input: { id, betaTester, subscriptionTier }, unit }) {
      const given = {
        ...(betaTester === undefined ? {} : { betaTester }),
        ...(subscriptionTier === undefined ? {} : { subscriptionTier }),
      }
      return await unit.commit(async (change) => {
        const user = there(await updateUser(change.db, id, given))
        change.audit({ targetType: 'user', targetId: id, changes: given })
        announceActor(change, id)
        return presentUser(user)
      })
    },
    async stats({ actor, input }) {
      const { id } = input
      requireSelfOrAdmin(actor, id)
      return await cache.cached(`users.stats ${id}`, statsOptions(id), async () =>
        there(await countWork(database.prisma, id)),
      )
    },
  }
}

function requireProvider(name: string | null | undefined, known: readonly string[]): void {
  if (name === undefined || name === null || known.includes(name)) return
  throw invalid('data.preferredProvider', `Give one of ${known.join(', ')}, or null for the default.`, name)
}

function requireSelfOrAdmin(actor: Actor, id: string): void {
  if (actor.userId !== id && !roleAtLeast(actor.role, 'admin')) throw fail('NOT_FOUND')
}

function there<T>(found: T | null): T {
  if (found === null) throw fail('NOT_FOUND')
  return found
}
