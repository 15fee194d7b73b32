import { handleJob, type JobHandler } from './contract/job.ts'
import { type Mailer, sendMailJob } from './platform/mail/index.ts'

/** Does the jobs that send mails. Here, because mail is the platform's and the platform knows no handlers. */
export function sendMails(mailer: Mailer): JobHandler {
  return handleJob(sendMailJob, async ({ payload: { mailId }, attempt, signal }) => {
    const last = attempt > sendMailJob.retry.limit
    return { sent: await mailer.deliver(mailId, { number: attempt, last, signal }) }
  })
}
