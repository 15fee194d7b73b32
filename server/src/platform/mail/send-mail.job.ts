import { z } from 'zod'
import { defineJob } from '../jobs/job-definition.ts'

/**
 * Sends one mail of `mail_messages`. Eight attempts, after 10, 20, 40 … seconds: about twenty minutes, so that a mail
 * server can be restarted or moved.
 */
export const sendMailJob = defineJob({
  name: 'mail.send',
  version: 1,
  payload: z.strictObject({ mailId: z.uuid() }),
  result: z.object({
    sent: z.boolean().describe('False when another attempt had sent it, or was about to.'),
  }),
  retry: { limit: 7, delaySeconds: 10 },
  timeLimitSeconds: 60,
  // As many as there are connections to the mail server.
  concurrency: 2,
})
