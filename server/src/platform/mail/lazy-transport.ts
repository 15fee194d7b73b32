import type { MailTransport } from './transport.ts'

/**
 * A transport that is loaded with the first mail: nodemailer takes 1.7 MB of heap, and a process of the role `api` sends none.
 */
export function lazyTransport(load: () => Promise<MailTransport>): MailTransport {
  let loaded: Promise<MailTransport> | undefined
  return {
    async send(mail) {
      loaded ??= load()
      await (await loaded).send(mail)
    },
    close() {
      loaded?.then(
        (transport) => transport.close(),
        () => undefined,
      )
    },
  }
}
