import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, stat, unlink, utimes } from 'node:fs/promises'
import path from 'node:path'
import { newId } from '../ids.ts'
import type { Logger } from '../logger.ts'
import { HEAD_BYTES, type ReceivedBytes, type ReceiveOptions } from './storage.ts'
import { codeOf, fromFileSystem, StorageError } from './storage-error.ts'

/** A whole file in the folder of what comes in. */
export interface IncomingFile extends ReceivedBytes {
  readonly path: string
  /** Removes it, if it is still there. */
  discard(): Promise<void>
}

/** The folder where bytes arrive. Several processes may share it. */
export interface Incoming {
  receive(body: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<IncomingFile>
  /** Removes what no process has touched for {@link ABANDONED_MS}; returns how many files. */
  sweep(): Promise<number>
  start(): Promise<void>
  close(): void
}

/** Living processes touch their files this often, also while nothing arrives. */
const TOUCH_MS = 10_000
const ABANDONED_MS = 40_000
/** With {@link ABANDONED_MS}: gone within a minute of the crash, or of the next start. */
const SWEEP_MS = 15_000
const SUFFIX = '.part'

/** @param durable whether bytes must have reached the disk before they count as received */
export function createIncoming(folder: string, durable: boolean, logger: Logger): Incoming {
  const mine = new Set<string>()
  const timers: NodeJS.Timeout[] = []

  const discard = async (file: string): Promise<void> => {
    await unlink(file).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw fromFileSystem(error, 'Removing a received file')
    })
    mine.delete(file)
  }

  const touch = async (): Promise<void> => {
    const now = new Date()
    await Promise.allSettled([...mine].map((file) => utimes(file, now, now)))
  }

  const sweep = async (): Promise<number> => {
    const oldest = Date.now() - ABANDONED_MS
    let gone = 0
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name)
      if (!name.endsWith(SUFFIX) || mine.has(file)) continue
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
      if (mtimeMs > oldest) continue
      await discard(file)
      gone += 1
    }
    if (gone > 0) logger.info('half received files removed', { files: gone })
    return gone
  }

  const every = (ms: number, work: () => Promise<unknown>): void => {
    const timer = setInterval(() => {
      work().catch((error: unknown) => logger.warn('looking after received files failed', { error }))
    }, ms)
    timer.unref()
    timers.push(timer)
  }

  return {
    async receive(body, options) {
      const file = path.join(folder, `${newId()}${SUFFIX}`)
      mine.add(file)
      try {
        const handle = await openNew(file)
        try {
          const received = await write(handle, body, options)
          if (durable) await handle.sync()
          return { ...received, path: file, discard: () => discard(file) }
        } finally {
          await handle.close()
        }
      } catch (error) {
        await discard(file)
        throw fromFileSystem(error, 'Receiving a file')
      }
    },
    sweep,
    async start() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      every(TOUCH_MS, touch)
      every(SWEEP_MS, sweep)
      await sweep()
    },
    close() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}

async function openNew(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    return await open(file, 'wx', 0o600)
  }
}

async function write(
  handle: FileHandle,
  body: AsyncIterable<Uint8Array>,
  { maxBytes, onHead }: ReceiveOptions,
): Promise<ReceivedBytes> {
  const hash = createHash('sha256')
  let head: Uint8Array[] | undefined = []
  let bytes = 0
  const showHead = async (): Promise<void> => {
    const whole = Buffer.concat(head ?? []).subarray(0, HEAD_BYTES)
    head = undefined
    await onHead?.(whole)
  }
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new StorageError('too_large', `More than ${maxBytes} bytes came`)
    hash.update(chunk)
    head?.push(chunk)
    if (head !== undefined && bytes >= HEAD_BYTES) await showHead()
    await writeAll(handle, chunk)
  }
  if (head !== undefined) await showHead()
  return { bytes, sha256: hash.digest('hex') }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, written)
    written += bytesWritten
  }
}
