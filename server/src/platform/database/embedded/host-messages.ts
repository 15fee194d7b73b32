import { z } from 'zod'

/** What the host reports to its parent. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), step: z.enum(['creating', 'opening']) }),
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('in-use') }),
  z.object({ type: z.literal('failed'), reason: z.string() }),
])
export type HostMessage = z.output<typeof hostMessageSchema>

/** What the host does before it serves. */
export type OpeningStep = Extract<HostMessage, { type: 'progress' }>['step']
