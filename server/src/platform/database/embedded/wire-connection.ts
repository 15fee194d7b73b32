import type { Socket } from 'node:net'
import type { Execute, Scheduler } from './scheduler.ts'
import { StatementNames } from './statement-names.ts'
import {
  CANCEL_REQUEST,
  endsUnit,
  errorResponse,
  FRONTEND,
  GSS_REQUEST,
  message,
  SSL_REQUEST,
  statusOf,
  takeFrame,
  takeStartup,
} from './wire-frames.ts'

const SYNC = message(0x53, Buffer.alloc(0))
const ROLLBACK = message(0x51, Buffer.from('ROLLBACK\0'))

export interface WireOptions {
  readonly execute: Execute
  readonly scheduler: Scheduler
  /** The answer to a start-up message, the same for every connection. */
  readonly greeting: Uint8Array
  /** After this long without a word inside an open transaction the connection is ended and rolled back. */
  readonly idleInTransactionMs: number
}

/** One client on the socket: cuts its bytes into units of work and has each run as a whole. */
export class WireConnection {
  readonly #socket: Socket
  readonly #options: WireOptions
  readonly #names = new StatementNames()
  #buffer: Buffer = Buffer.alloc(0)
  #unit: Buffer[] = []
  #started = false
  #closed = false
  #idle: NodeJS.Timeout | undefined

  constructor(socket: Socket, options: WireOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('data', (data) => this.#receive(data))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => void this.#leave())
  }

  #receive(data: Buffer): void {
    clearTimeout(this.#idle)
    this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data])
    try {
      if (!this.#started) this.#start()
      if (this.#started) this.#cut()
    } catch (error) {
      this.#end('08P01', error instanceof Error ? error.message : 'Malformed message.')
    }
  }

  #start(): void {
    for (let first = takeStartup(this.#buffer); first !== undefined; first = takeStartup(this.#buffer)) {
      this.#buffer = first.rest
      if (first.code === CANCEL_REQUEST) return void this.#socket.destroy()
      if (first.code === SSL_REQUEST || first.code === GSS_REQUEST) {
        this.#socket.write('N')
        continue
      }
      this.#started = true
      this.#socket.write(this.#options.greeting)
      return
    }
  }

  #cut(): void {
    for (let next = takeFrame(this.#buffer); next !== undefined; next = takeFrame(this.#buffer)) {
      this.#buffer = next.rest
      if (next.frame.type === FRONTEND.terminate) return void this.#socket.end()
      this.#unit.push(this.#names.translate(next.frame))
      if (endsUnit(next.frame)) this.#run()
    }
  }

  #run(): void {
    const unit = Buffer.concat(this.#unit)
    this.#unit = []
    const { scheduler, execute } = this.#options
    scheduler
      .schedule(this, async () => {
        if (this.#closed) return scheduler.isHeldBy(this)
        const answer = await execute(unit)
        if (this.#socket.writable) this.#socket.write(answer)
        // No ReadyForQuery (a Flush): the client is in the middle of something and must not be interrupted.
        const keep = statusOf(answer) !== 'I'
        // Several units can come at once, so that the last one ends what an earlier one began.
        clearTimeout(this.#idle)
        if (keep) this.#watchIdle()
        return keep
      })
      .catch(() => this.#end('58000', 'The database stopped.'))
  }

  #watchIdle(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      this.#end('25P03', 'The transaction was open for too long without a statement and was rolled back.')
    }, this.#options.idleInTransactionMs)
  }

  #end(code: string, text: string): void {
    if (this.#socket.writable) this.#socket.end(errorResponse('FATAL', code, text))
    this.#socket.destroySoon()
  }

  /** Leaves nothing behind in the shared session: no open transaction, no prepared statement. */
  async #leave(): Promise<void> {
    clearTimeout(this.#idle)
    this.#closed = true
    const { scheduler, execute } = this.#options
    const forget = (): Promise<boolean> =>
      execute(Buffer.concat([this.#names.closeAll(), SYNC])).then(() => false)
    // Decided when its turn comes: a BEGIN can be running while the socket closes.
    const work = (): Promise<boolean> =>
      scheduler.isHeldBy(this) ? execute(Buffer.concat([SYNC, ROLLBACK])).then(forget) : forget()
    await scheduler.schedule(this, work).catch(() => undefined)
  }
}
