import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, invalid } from '../../../contract/errors.ts'
import { sliceOf } from '../../../contract/page-request.ts'
import type { Change, UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import { newId } from '../../../platform/ids.ts'
import { type CursorScope, encodeCursor } from '../../../platform/pagination/cursor.ts'
import { isoOf } from '../../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../../platform/pagination/page.ts'
import type { ModelCalls } from '../../models/index.ts'
import type * as schema from '../chat.schema.ts'
import { STOP_TOPIC } from '../replies/stop-topic.ts'
import { requireSources } from './require-sources.ts'
import * as repository from './threads.repository.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }

/** Conversations. They are their user's alone; to everybody else they do not exist: NOT_FOUND. */
export interface ThreadsService {
  /** @throws BAD_REQUEST (`knowledgeBaseIds`, `model`), SCOPE_MISSING, MODEL_NOT_AVAILABLE */
  create(call: Write<z.output<typeof schema.ChatThreadsCreateInput>, schema.Thread>): Promise<schema.Thread>
  /** @throws NOT_FOUND */
  get(call: Call<{ readonly id: string }>): Promise<schema.Thread>
  /** Newest first. @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<z.output<typeof schema.ChatThreadsListInput>>): Promise<Page<schema.Thread>>
  /** @throws NOT_FOUND, BAD_REQUEST (`data.knowledgeBaseIds`, `data.model`), SCOPE_MISSING, MODEL_NOT_AVAILABLE */
  update(call: Write<z.output<typeof schema.ChatThreadsUpdateInput>, schema.Thread>): Promise<schema.Thread>
  /** @throws NOT_FOUND (also the second time) */
  delete(call: Write<{ readonly id: string }, { ok: true }>): Promise<{ ok: true }>
}

/** What the service is made of. */
export interface ThreadsServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly models: Pick<ModelCalls, 'chatModel'>
}

const SCOPE: CursorScope = { list: 'chat.threads', keyType: 'text', filters: {} }

/** Builds the {@link ThreadsService}. */
export function createThreadsService({ database, clock, models }: ThreadsServiceDeps): ThreadsService {
  return {
    async create({ actor, input, unit }) {
      const { model = null, title = '' } = input
      if (model !== null) await models.chatModel(actor, model)
      return unit.commit(async (change) => {
        const ids = await basesOf(change, actor, input.knowledgeBaseIds, 'knowledgeBaseIds')
        const [id, now] = [newId(), clock.now()]
        await repository.insertThread(change.db, {
          id,
          userId: actor.userId,
          title,
          modelId: model,
          knowledgeBaseIds: ids,
          now,
        })
        change.audit({ targetType: 'thread', targetId: id, changes: { knowledgeBaseIds: ids, model } })
        const at = isoOf(now)
        return { id, title, model, knowledgeBaseIds: ids, replyUnderWay: null, createdAt: at, updatedAt: at }
      })
    },

    async get({ actor, input: { id } }) {
      return presentThread(await thread(actor, id))
    },

    async list({ actor, input }) {
      const slice = sliceOf(input, SCOPE)
      const { limit } = input
      const before = slice.by === 'cursor' ? slice.after?.id : undefined
      const part = { take: limit + 1, skip: slice.by === 'page' ? slice.offset : 0, before }
      const { rows, total } = await repository.listThreads(database, actor.userId, part, slice.by === 'page')
      return pageOf(rows, {
        limit,
        total,
        present: presentThread,
        cursorOf: ({ id }) => encodeCursor(SCOPE, { key: null, id }),
      })
    },

    async update({ actor, input: { id, data }, unit }) {
      const { title, model, knowledgeBaseIds } = data
      if (typeof model === 'string') await models.chatModel(actor, model, 'data.model')
      // What the change does not touch is as it was read; nobody else can change it but its user.
      const former = await thread(actor, id)
      return unit.commit(async (change) => {
        const now = clock.now()
        const columns = {
          ...(title === undefined ? {} : { title }),
          ...(model === undefined ? {} : { modelId: model }),
          updatedAt: now,
        }
        if (!(await repository.updateThread(change.db, actor.userId, id, columns))) throw fail('NOT_FOUND')
        const ids =
          knowledgeBaseIds === undefined
            ? undefined
            : await basesOf(change, actor, knowledgeBaseIds, 'data.knowledgeBaseIds')
        if (ids !== undefined) await repository.replaceBases(change.db, id, ids)
        const changed = {
          ...(title === undefined ? {} : { title }),
          ...(model === undefined ? {} : { model }),
          ...(ids === undefined ? {} : { knowledgeBaseIds: ids }),
        }
        change.audit({ targetType: 'thread', targetId: id, changes: changed })
        return { ...presentThread(former), ...changed, updatedAt: isoOf(now) }
      })
    },

    delete: ({ actor, input: { id }, unit }) =>
      unit.commit(async (change) => {
        const underWay = await repository.deleteThread(change.db, actor.userId, id)
        if (underWay === null) throw fail('NOT_FOUND')
        for (const replyId of underWay) change.announce(STOP_TOPIC, replyId)
        change.audit({ targetType: 'thread', targetId: id })
        return { ok: true }
      }),
  }

  async function thread(actor: Actor, id: string): Promise<repository.ThreadRow> {
    const row = await repository.findThread(database, actor, id)
    if (row === null) throw fail('NOT_FOUND')
    return row
  }
}

/** The ids once each. @throws SCOPE_MISSING; BAD_REQUEST naming the first that the actor may not read, as if it did not exist */
async function basesOf(
  { db }: Change,
  actor: Actor,
  given: readonly string[],
  field: string,
): Promise<string[]> {
  if (given.length > 0) requireSources(actor)
  const readable = await repository.readableBases(db, actor, given)
  const unknown = given.findIndex((id) => !readable.has(id))
  if (unknown >= 0) {
    throw invalid(`${field}.${unknown}`, 'You have no such knowledge base.', given[unknown] ?? null)
  }
  return [...new Set(given)].sort()
}

function presentThread(row: repository.ThreadRow): schema.Thread {
  return {
    id: row.id,
    title: row.title,
    knowledgeBaseIds: row.knowledgeBaseIds,
    model: row.model,
    replyUnderWay: row.replyUnderWay,
    createdAt: isoOf(row.createdAt),
    updatedAt: isoOf(row.updatedAt),
  }
}
