import { z } from 'zod'

/** What the host process is told on its command line. */
export const hostOptionsSchema = z.object({
  dataDirectory: z.string(),
  /** The process that owns the host. */
  pid: z.int(),
  socketDirectory: z.string(),
  /** How long to wait for a predecessor that is just ending. */
  lockWaitMs: z.int(),
  idleInTransactionMs: z.int(),
})
export type HostOptions = z.output<typeof hostOptionsSchema>

/** What the host reports to its parent. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), step: z.enum(['creating', 'opening']) }),
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('in-use') }),
  z.object({ type: z.literal('failed'), reason: z.string() }),
])
export type HostMessage = z.output<typeof hostMessageSchema>

/** The one thing the parent says: finish what runs, write everything down, end. */
export const STOP = 'stop'
