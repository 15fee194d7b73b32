import type { AnyTRPCRouter } from '@trpc/server'
import { z } from 'zod'
import { StreamClosed } from '../../contract/event-stream.ts'
import { openStream } from '../../contract/invoke.ts'
import { jsonSchemaOf } from '../../contract/json-schema.ts'
import { toolSchema } from '../tools/tool-schema.ts'
import { ProcedureName } from './call-procedure-tool.ts'
import type { ProcedureIndex } from './procedure-index.ts'
import { done, type McpTool } from './tool.ts'
import { validated } from './validated.ts'

const MOST_EVENTS = 50
/** What happens together is told together. */
const GATHER_MS = 200

const Input = z.strictObject({
  name: ProcedureName,
  arguments: z.record(z.string(), z.unknown()).default({}).describe('As its input schema says.'),
  lastEventId: z.string().max(64).optional().describe('From the answer before: only what came after it.'),
  waitSeconds: z.int().min(1).max(30).default(20).describe('How long to wait for the first event, 1–30.'),
})

const Output = z.object({
  events: z.array(z.object({ id: z.string(), data: z.unknown() })),
  lastEventId: z.string().describe('Send it with the next call, so that nothing is missed.'),
  ended: z.boolean().describe('There will be no more events.'),
})

/** Subscriptions for clients that call and wait: the next events, or none when none came in time. */
export function waitForEventsTool(index: ProcedureIndex, router: AnyTRPCRouter): McpTool {
  return {
    definition: {
      name: 'wait_for_events',
      title: 'Wait for events',
      description: `Wait until something happens: the next events (${MOST_EVENTS} at most) of a subscription that search_procedures found.`,
      inputSchema: toolSchema(jsonSchemaOf(Input, 'input')),
      outputSchema: toolSchema(jsonSchemaOf(Output, 'output')),
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    shownTo: () => true,
    async run({ args, context, signal, stopping, waits }) {
      const { name, arguments: input, lastEventId, waitSeconds } = validated(Input, args)
      const { path } = index.named(name, ['subscription'])
      const enough = new AbortController()
      const stop = (): void => enough.abort(new StreamClosed('maximum age'))
      let timer = setTimeout(stop, waitSeconds * 1_000)
      const until = AbortSignal.any([signal, enough.signal, stopping])
      try {
        const stream = await openStream({
          router,
          path,
          input: lastEventId === undefined ? input : { ...input, lastEventId },
          context,
          signal: until,
        })
        waits()
        const events: { id: string; data: unknown }[] = []
        for await (const { id, data } of stream.events) {
          events.push({ id, data })
          if (events.length === MOST_EVENTS) break
          if (events.length > 1) continue
          clearTimeout(timer)
          timer = setTimeout(stop, GATHER_MS)
        }
        const ended = !until.aborted && events.length < MOST_EVENTS
        return done({ events, lastEventId: events.at(-1)?.id ?? stream.position, ended })
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
