import type { AnyTRPCRouter } from '@trpc/server'
import { z } from 'zod'
import { named } from '../../server/src/contract/json-schema.ts'
import { mutation, query, router } from '../../server/src/contract/procedure.ts'
import { isMutation, pathOf } from './synthetic-registry.ts'

const Status = named('Status', 'Where it stands.', z.enum(['todo', 'doing', 'done']))

/** `count` procedures as modules write them: routers of ten, inputs of six and answers of ten fields. */
export function syntheticRouter(count: number): AnyTRPCRouter {
  const routers: Record<string, Record<string, ReturnType<typeof procedure>>> = {}
  for (let index = 0; index < count; index += 1) {
    const { router: name, name: own } = pathOf(index)
    routers[name] = { ...routers[name], [own]: procedure(index) }
  }
  return router(
    Object.fromEntries(Object.entries(routers).map(([name, procedures]) => [name, router(procedures)])),
  )
}

function procedure(index: number) {
  const summary = `Does thing ${index}.`
  const policy = { access: { who: 'user' }, scope: 'tasks:read', limit: 'read' } as const
  const input = z.strictObject({
    id: z.uuid(),
    [`title${index}`]: z.string().min(1).max(200).optional(),
    status: Status.optional(),
    dueAt: z.iso.datetime().nullable().optional(),
    tags: z.array(z.string().max(50)).max(20).optional(),
    limit: z.int().min(1).max(100).default(20),
  })
  const row = z.object({
    id: z.uuid(),
    [`title${index}`]: z.string(),
    description: z.string().nullable(),
    status: Status,
    priority: z.int(),
    dueAt: z.iso.datetime().nullable(),
    tags: z.array(z.string()),
    version: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  const output = z.object({ data: z.array(row), total: z.int().optional() })
  const run = async () => ({ data: [] })
  return isMutation(index)
    ? mutation({ summary, policy: { ...policy, audit: 'thing.do' }, input, output, run })
    : query({ summary, policy, input, output, run })
}
