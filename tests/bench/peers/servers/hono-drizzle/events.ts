import { on } from 'node:events'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { changes } from '../shared/changes.ts'
import type { Authenticated } from './auth.ts'
import { requireMember } from './membership.ts'

export const events = new Hono<Authenticated>().get(
  '/projects/:id/events',
  zValidator('param', z.object({ id: z.uuid() })),
  async (c) => {
    const { id } = c.req.valid('param')
    await requireMember(id, c.var.user.id)
    return streamSSE(c, async (stream) => {
      const over = new AbortController()
      stream.onAbort(() => over.abort())
      const changed = on(changes, id, { signal: over.signal })
      await stream.writeSSE({ event: 'connected', data: '' })
      for await (const [change] of changed) {
        await stream.writeSSE({ event: change.type, data: JSON.stringify(change) })
      }
    })
  },
)
