/**
 * The process that runs the embedded PostgreSQL (PGlite, WebAssembly) and serves it on a socket. A process of its own
 * because PGlite computes on the thread it is called from: a slow query would stall everything else there.
 * It ends when told, and by itself when its parent is gone.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import type { HostMessage } from './host-messages.ts'
import { type HostOptions, readHostArguments, STOP } from './host-options.ts'
import { type Layout, layoutOf, SOCKET_NAME } from './layout.ts'
import { takeLock } from './lock.ts'
import { forgetOwner, writeOwner } from './owner-file.ts'
import { serveWire } from './wire-server.ts'

/**
 * V8 compiles a WebAssembly function anew, to quick code, once about so many bytes of it have run; it does so on threads
 * that a start has better use for. At ten times V8’s own 13 MB a warm start took 0.88 s, and 1.33 s of a processor, instead
 * of 1.07 and 1.76. The first 1,600 statements cost the same; the next few thousand 5 % more, until all are quick as before.
 * A V8 that does not know the flag goes on without.
 */
const TIERING = '--wasm-tiering-budget=130000000'
/**
 * PostgreSQL's own cache of pages, which PGlite writes over with zeros when it starts: at the usual 128 MB that takes
 * 0.08 s and 0.1 s of a processor, and leaves 120 MB resident. What does not fit is read again from the files, which the
 * operating system keeps in memory: of 20,000 rows of 70 MB by id, in no order, one takes 7 µs in place of 4.4.
 */
const SHARED_BUFFERS = ['-c', 'shared_buffers=32MB']

// Ctrl-C reaches the whole process group; the parent decides when the database may go.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

const options = readHostArguments(process.argv.slice(2))
try {
  await host(options, layoutOf(options.dataDirectory))
} catch (error) {
  await report({ type: 'failed', reason: error instanceof Error ? error.message : String(error) })
  process.exit(1)
}

async function host(
  { pid, socketDirectory, lockWaitMs, idleInTransactionMs }: HostOptions,
  layout: Layout,
): Promise<void> {
  mkdirSync(layout.root, { recursive: true, mode: 0o700 })
  if (!takeLock(layout.lock, lockWaitMs)) {
    await report({ type: 'in-use' })
    process.exit(0)
  }
  const database = await open(layout)
  const socket = join(socketDirectory, SOCKET_NAME)
  rmSync(socket, { force: true })
  const wire = await serveWire((messages) => database.execProtocolRaw(messages), socket, idleInTransactionMs)
  writeOwner(layout, { pid, hostPid: process.pid, startedAt: new Date().toISOString(), socketDirectory })
  await report({ type: 'ready' })

  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    await wire.close()
    await database.close()
    forgetOwner(layout)
    process.exit(0)
  }
  process.on('message', (message) => {
    if (message === STOP) void stop()
  })
  process.on('disconnect', () => void stop())
  if (!process.connected) await stop()
}

async function open(layout: Layout): Promise<PGlite> {
  const fresh = !existsSync(layout.complete)
  await report({ type: 'progress', step: fresh ? 'creating' : 'opening' })
  // Without the mark the directory is what an interrupted first start left; nothing was ever committed in it.
  if (fresh) rmSync(layout.data, { recursive: true, force: true })
  setFlagsFromString(TIERING)
  const database = await PGlite.create({
    dataDir: layout.data,
    extensions: { vector },
    startParams: [...PGlite.defaultStartParams, ...SHARED_BUFFERS],
  })
  if (fresh) writeFileSync(layout.complete, '')
  return database
}

function report(message: HostMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve()
    process.send(message, () => resolve())
  })
}
