import { z } from 'zod'

/** How the crews are to work. */
export const StartOrder = z.object({
  /** The file of the installed package. */
  sdkFile: z.string(),
  baseUrl: z.string(),
  superuser: z.object({ email: z.string(), password: z.string() }),
  /** Where the crews keep their logs, and at last the evidence. */
  folder: z.string(),
  crews: z.int(),
  membersPerCrew: z.int(),
  seed: z.int(),
  pauseMs: z.tuple([z.number(), z.number()]),
})
export type StartOrder = z.infer<typeof StartOrder>

/** What the harness tells the clients. */
export const Order = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), order: StartOrder }),
  /** Finish what is under way, and find out every unknown outcome. */
  z.object({ type: z.literal('finish') }),
  /** Wait until every watcher of each project has seen its last event, then write the evidence. */
  z.object({ type: z.literal('report'), lastEvents: z.record(z.string(), z.string()) }),
])
export type Order = z.infer<typeof Order>

const WatchedShape = z.object({
  watcher: z.string(),
  events: z.array(
    z.object({ id: z.string(), type: z.string(), taskId: z.string(), version: z.number(), at: z.number() }),
  ),
  ended: z.string().optional(),
})

/** What the clients know when all is over. */
export const ClientEvidence = z.object({
  crews: z.array(
    z.object({
      name: z.string(),
      projectId: z.string(),
      counters: z.array(z.string()),
      logFile: z.string(),
      owner: z.object({ email: z.string(), password: z.string() }),
      watched: z.array(WatchedShape),
    }),
  ),
  attempts: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      status: z.union([z.number(), z.literal('cut')]),
      path: z.string(),
    }),
  ),
  complaints: z.array(z.string()),
})
export type ClientEvidence = z.infer<typeof ClientEvidence>

/** What the clients tell the harness. */
export const Report = z.discriminatedUnion('type', [
  z.object({ type: z.literal('working') }),
  z.object({ type: z.literal('finished'), projects: z.array(z.string()) }),
  /** The evidence is too much for a message; it is in this file. */
  z.object({ type: z.literal('evidence'), file: z.string() }),
])
export type Report = z.infer<typeof Report>
