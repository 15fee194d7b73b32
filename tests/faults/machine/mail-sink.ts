import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

/** A mail that arrived. */
export interface ArrivedMail {
  /** The same for every copy of one mail. */
  readonly messageId: string
  readonly subject: string
}

/** What happens to a mail: it is taken; taken, and the answer never comes; or neither. */
export type Fate = 'taken' | 'taken in silence' | 'ignored'

/** A mail server whose answers can be held back. `await using` stops it. */
export interface MailSink extends AsyncDisposable {
  readonly url: string
  /** Every copy that was taken, in the order they came. */
  readonly taken: readonly ArrivedMail[]
  /** Decides what happens to the mails that come from now on, and may take its time over it. */
  decide(fateOf: (mail: ArrivedMail) => Fate | Promise<Fate>): void
}

/** Starts a mail server that takes everything. */
export async function startMailSink(): Promise<MailSink> {
  const taken: ArrivedMail[] = []
  let fateOf: (mail: ArrivedMail) => Fate | Promise<Fate> = () => 'taken'
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    async onData(stream, _session, done) {
      // Of a sender that was killed in the middle of it nothing has arrived.
      const source = await text(stream).catch(() => undefined)
      if (source === undefined) return
      const mail = read(source)
      const fate = await fateOf(mail)
      if (fate !== 'ignored') taken.push(mail)
      if (fate === 'taken') done()
    },
  })
  // Connections of processes that were killed.
  server.on('error', () => undefined)
  const port = await new Promise<number>((resolve, reject) => {
    const listener = server.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
      else reject(new Error('The mail server got no port'))
    })
  })
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    decide(decision) {
      fateOf = decision
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Subjects are folded over several lines when they are long. */
function read(source: string): ArrivedMail {
  const head = (source.split('\r\n\r\n')[0] ?? '').replaceAll(/\r\n[ \t]+/g, ' ')
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  return { messageId: header('Message-ID'), subject: header('Subject') }
}
