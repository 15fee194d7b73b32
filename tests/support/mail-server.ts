import { SMTPServer } from 'smtp-server'

/** A mail as it came over the wire. */
export interface ReceivedMail {
  readonly from: string
  readonly recipients: readonly string[]
  readonly source: string
}

/** A real SMTP server on a free port of this machine. */
export interface MailServer extends AsyncDisposable {
  readonly url: string
  readonly received: readonly ReceivedMail[]
  /** Answers the next so many messages with a temporary failure (451). */
  refuse(count: number): void
  /** Takes the next message and never answers; resolves when it is there. */
  hang(): Promise<void>
  /** Connections that are open. */
  connections(): number
}

/** Starts a {@link MailServer}. */
export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = []
  let refusals = 0
  let open = 0
  let hanging: (() => void) | undefined
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onConnect(_session, done) {
      open += 1
      done()
    },
    onClose() {
      open -= 1
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (hanging !== undefined) {
          hanging()
          hanging = undefined
          return
        }
        if (refusals > 0) {
          refusals -= 1
          done(Object.assign(new Error('Try again later'), { responseCode: 451 }))
          return
        }
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          recipients: rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString(),
        })
        done()
      })
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    const listener = server.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    refuse: (count) => {
      refusals = count
    },
    hang: () =>
      new Promise((resolve) => {
        hanging = resolve
      }),
    connections: () => open,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
