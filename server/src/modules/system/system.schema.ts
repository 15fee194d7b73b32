import { z } from 'zod'
import { Timestamp } from '../../contract/schemas.ts'

export const SystemPingOutput = z.object({
  ok: z.literal(true),
  time: Timestamp.describe('The clock of the server.'),
})
