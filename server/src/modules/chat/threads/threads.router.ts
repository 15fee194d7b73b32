import { mutation, query } from '../../../contract/procedure.ts'
import * as schema from '../chat.schema.ts'
import type { ThreadsService } from './threads.service.ts'

/** `chat.threads.*`. */
export const createThreadProcedures = (threads: ThreadsService) => ({
  create: mutation({
    summary: 'Begin a conversation.',
    policy: {
      surfaces: { mcp: 'listed' },
      access: { who: 'user' },
      scope: 'chat:write',
      limit: 'write',
      audit: 'chat.threads.create',
      errors: ['MODEL_NOT_AVAILABLE'],
    },
    input: schema.ChatThreadsCreateInput,
    output: schema.ChatThreadsCreateOutput,
    run: (call) => threads.create(call),
  }),
  get: query({
    summary: 'Get a conversation.',
    policy: { access: { who: 'user' }, scope: 'chat:read', limit: 'read' },
    input: schema.ChatThreadsGetInput,
    output: schema.ChatThreadsGetOutput,
    run: (call) => threads.get(call),
  }),
  list: query({
    summary: 'List your conversations, newest first.',
    policy: { access: { who: 'user' }, scope: 'chat:read', limit: 'read' },
    input: schema.ChatThreadsListInput,
    output: schema.ChatThreadsListOutput,
    run: (call) => threads.list(call),
  }),
  update: mutation({
    summary: 'Change a conversation’s title, sources or model.',
    policy: {
      access: { who: 'user' },
      scope: 'chat:write',
      limit: 'write',
      audit: 'chat.threads.update',
      errors: ['MODEL_NOT_AVAILABLE'],
    },
    input: schema.ChatThreadsUpdateInput,
    output: schema.ChatThreadsUpdateOutput,
    run: (call) => threads.update(call),
  }),
  delete: mutation({
    summary: 'Delete a conversation with everything said in it.',
    description: 'A reply under way is stopped. It cannot be brought back.',
    policy: {
      access: { who: 'user' },
      scope: 'chat:write',
      limit: 'write',
      audit: 'chat.threads.delete',
      destructive: true,
    },
    input: schema.ChatThreadsDeleteInput,
    output: schema.ChatThreadsDeleteOutput,
    run: (call) => threads.delete(call),
  }),
})
