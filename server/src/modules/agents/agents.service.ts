import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail, failBecause, invalid } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import type { ModelCalls } from '../models/index.ts'
import { given } from '../projects/index.ts'
import { presentAgent, presentTool } from './agents.presenter.ts'
import * as repository from './agents.repository.ts'
import type {
  Agent,
  AgentsCreateInput,
  AgentsListInput,
  AgentsToolsOutput,
  AgentsUpdateInput,
} from './agents.schema.ts'
import { wakeRunsOf } from './runs/run-topics.ts'
import type { FindToolbox } from './toolbox.ts'

const MOST_AGENTS = 100

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type ById = { readonly id: string }

/** Agents. Everybody has their own; those of others do not exist: NOT_FOUND. */
export interface AgentsService {
  /** @throws BAD_REQUEST (`tools.<n>`, `model`), SCOPE_MISSING, MODEL_NOT_AVAILABLE, TOO_MANY_AGENTS past 100 */
  create(call: Write<z.output<typeof AgentsCreateInput>, Agent>): Promise<Agent>
  /** @throws NOT_FOUND */
  get(call: Call<ById>): Promise<Agent>
  /** Newest first. @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<z.output<typeof AgentsListInput>>): Promise<Page<Agent>>
  /** @throws as {@link create}, NOT_FOUND, VERSION_CONFLICT */
  update(call: Write<z.output<typeof AgentsUpdateInput>, Agent>): Promise<Agent>
  /** @throws NOT_FOUND */
  delete(call: Write<ById, { ok: true }>): Promise<{ ok: true }>
  /** What the caller's agents can have. */
  tools(call: { readonly actor: Actor }): Promise<z.input<typeof AgentsToolsOutput>>
}

/** What the service is made of. */
export interface AgentsServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly calls: ModelCalls
  readonly toolbox: FindToolbox
}

/** Builds the {@link AgentsService}. */
export function createAgentsService({ database, clock, calls, toolbox }: AgentsServiceDeps): AgentsService {
  return {
    async create({ actor, input, unit }) {
      const { name, instructions, model = null, tools, approve, limits } = input
      requireTools(actor, tools, 'tools')
      await requireModel(actor, model, tools, 'model')
      const now = clock.now()
      return await unit.commit(async (change) => {
        await repository.lockOwner(change.db, actor.userId)
        if ((await repository.countAgents(change.db, actor.userId)) >= MOST_AGENTS)
          throw failBecause('TOO_MANY_AGENTS')
        const row = await repository.insertAgent(change.db, {
          id: newId(),
          ownerId: actor.userId,
          createdAt: now,
          name,
          instructions,
          modelId: model,
          tools,
          approve,
          ...limits,
        })
        change.audit({ targetType: 'agent', targetId: row.id, changes: { name, tools, approve } })
        return presentAgent(row)
      })
    },

    async get({ actor, input: { id } }) {
      const row = await repository.findAgent(database.prisma, actor.userId, id)
      if (row === null) throw fail('NOT_FOUND')
      return presentAgent(row)
    },

    async list({ actor, input }) {
      const { userId } = actor
      const scope: CursorScope = { list: 'agents', keyType: 'text', filters: { userId } }
      const slice = sliceOf(input, scope)
      const [rows, total] = await Promise.all([
        repository.listAgents(database.prisma, userId, {
          take: slice.limit + 1,
          skip: slice.by === 'page' ? slice.offset : 0,
          after: slice.by === 'cursor' ? slice.after?.id : undefined,
        }),
        slice.by === 'page' ? repository.countAgents(database.prisma, userId) : undefined,
      ])
      const cursorOf = ({ id }: ById) => encodeCursor(scope, { id, key: null })
      return pageOf(rows, { limit: slice.limit, total, present: presentAgent, cursorOf })
    },

    async update({ actor, input, unit }) {
      const { id, version, data } = input
      const { model, limits = {}, ...rest } = given(data)
      if (data.tools !== undefined) requireTools(actor, data.tools, 'data.tools')
      const before = await repository.findAgent(database.prisma, actor.userId, id)
      if (before === null) throw fail('NOT_FOUND')
      if (model !== undefined) await requireModel(actor, model, data.tools ?? before.tools, 'data.model')
      const changes = { ...rest, ...given(limits), ...(model === undefined ? {} : { modelId: model }) }
      return await unit.commit(async (change) => {
        const row = await repository.lockAgent(change.db, actor.userId, id)
        if (row === null) throw fail('NOT_FOUND')
        // Whoever changes what an agent does acts with all of its tools the next time its owner runs it.
        requireScopes(actor, row.tools)
        if (version !== undefined && version !== row.version) throw failBecause('VERSION_CONFLICT')
        const updated = await repository.updateAgent(change.db, id, { ...changes, updatedAt: clock.now() })
        const { instructions: _text, ...audited } = changes
        change.audit({ targetType: 'agent', targetId: id, changes: audited })
        return presentAgent(updated)
      })
    },

    delete: ({ actor, input: { id }, unit }) =>
      unit.commit(async (change) => {
        if (!(await repository.deleteAgent(change.db, actor.userId, id))) throw fail('NOT_FOUND')
        change.audit({ targetType: 'agent', targetId: id })
        wakeRunsOf(change, actor.userId)
        return { ok: true }
      }),

    tools: async ({ actor }) => ({ data: toolbox().offeredTo(actor).map(presentTool) }),
  }

  /** @throws BAD_REQUEST naming each path that is no tool for this caller, SCOPE_MISSING */
  function requireTools(actor: Actor, paths: readonly string[], field: string): void {
    const offered = new Set(
      toolbox()
        .offeredTo({ ...actor, scopes: 'all' })
        .map(({ path }) => path),
    )
    const issues = paths.flatMap((path, index) =>
      offered.has(path)
        ? []
        : [
            {
              field: `${field}.${index}`,
              message: `${path} cannot be a tool of yours: agents.tools lists those that can.`,
              value: path,
            },
          ],
    )
    if (issues.length > 0) throw fail('BAD_REQUEST', { issues: issues.slice(0, 10) })
    requireScopes(actor, paths)
  }

  /** A key's agent is run by others too, and must not get them to do what the key may not. @throws SCOPE_MISSING */
  function requireScopes(actor: Actor, paths: readonly string[]): void {
    if (actor.scopes === 'all') return
    const mine = new Set(
      toolbox()
        .offeredTo(actor)
        .map(({ path }) => path),
    )
    const missing = toolbox().tools.find(({ path }) => paths.includes(path) && !mine.has(path))
    if (missing !== undefined)
      throw failBecause('SCOPE_MISSING', {
        message: `The API key needs the scope ${missing.scope}, as the agent has the tool ${missing.path}.`,
      })
  }

  /** @throws BAD_REQUEST naming `field` for a model that is none, or cannot call tools; MODEL_NOT_AVAILABLE */
  async function requireModel(
    actor: Actor,
    model: string | null,
    tools: readonly string[],
    field: string,
  ): Promise<void> {
    if (model === null) return
    const usable = await calls.chatModel(actor, model, field)
    if (tools.length > 0 && !usable.tools) throw invalid(field, 'This model cannot call tools.', model)
  }
}
