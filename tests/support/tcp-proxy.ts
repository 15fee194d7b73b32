import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A wire between a client and a server that can be cut. `await using` takes it away. */
export interface TcpProxy extends AsyncDisposable {
  readonly baseUrl: string
  /** Cuts the connections over which the next `count` answers come, in the middle of their headers or body. */
  cutAnswers(count: number, within?: 'headers' | 'body'): void
  /** Cuts the connection of the next answer that contains `text`, and keeps that answer. */
  cutAnswerWith(text: string): void
  /** How many answers {@link cutAnswers} has still to cut. */
  cutsLeft(): number
  /** Passes nothing on any more, as if the other end had gone silent, until told `false`. */
  hold(silent: boolean): void
  /** Passes every answer on that much later, in order. */
  delayAnswers(ms: number): void
  /** Writes `by` for `text` in all requests; as long, because messages say how long they are. */
  replaceInRequests(text: string, by: string): void
  /** Cuts all connections that are open. */
  cutAll(): void
}

/** Listens on a free port and passes everything to `target`: a port of this machine, or the path of a socket. */
export async function startProxy(target: number | string): Promise<TcpProxy> {
  const open = new Set<Socket>()
  let cuts = 0
  let cutWithin: 'headers' | 'body' = 'headers'
  let cutText: string | undefined
  let silent = false
  let delayMs = 0
  let replaced: { readonly text: string; readonly by: string } | undefined
  const server = createServer((client) => {
    const upstream = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target)
    const cut = (): void => {
      for (const socket of [client, upstream]) {
        open.delete(socket)
        socket.destroy()
      }
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', cut).on('close', cut)
    }
    client.on('data', (data) => {
      if (silent) return
      if (replaced === undefined) upstream.write(data)
      else upstream.write(data.toString('latin1').replaceAll(replaced.text, replaced.by), 'latin1')
    })
    upstream.on('data', (data) => {
      if (silent) return
      if (cutText !== undefined && data.includes(cutText)) {
        cutText = undefined
        cut()
      } else if (delayMs > 0) setTimeout(() => client.write(data), delayMs)
      else if (cuts === 0) client.write(data)
      else {
        cuts -= 1
        client.write(firstPart(data, cutWithin), cut)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: own } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${own}`,
    cutAnswers(count, within = 'headers') {
      cuts = count
      cutWithin = within
    },
    cutAnswerWith(text) {
      cutText = text
    },
    cutsLeft: () => cuts,
    hold(value) {
      silent = value
    },
    delayAnswers(ms) {
      delayMs = ms
    },
    replaceInRequests(text, by) {
      replaced = { text, by }
    },
    cutAll() {
      for (const socket of [...open]) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of [...open]) socket.destroy()
      await closed
    },
  }
}

/** Half of the headers, or all of them and half of what follows. */
function firstPart(data: Buffer, within: 'headers' | 'body'): Buffer {
  const body = data.indexOf('\r\n\r\n') + 4
  return data.subarray(0, within === 'headers' ? body / 2 : (body + data.length) / 2)
}
