import { writeSync } from 'node:fs'

/** Collects lines and hands them on together. */
export interface LineWriter {
  /** Takes a line, to be handed on at the end of this turn of the event loop at the latest. */
  add(line: string): void
  /** Hands on at once what waits. */
  flush(): void
}

/**
 * Hands lines to `write` once per turn of the event loop instead of one by one: a busy turn ends dozens of calls, and the
 * way of a line through winston's two streams and a write of its own is a twelfth of a light call's time. What waits when
 * the process exits is handed to `writeLast` then, also after an error nobody caught: nothing happens later any more.
 */
export function lineWriter(write: (lines: string) => void, writeLast = write): LineWriter {
  let lines: string[] = []
  const handTo = (take: (lines: string) => void): void => {
    waiting.delete(last)
    if (lines.length === 0) return
    const text = lines.join('\n')
    lines = []
    take(text)
  }
  const flush = (): void => handTo(write)
  const last = (): void => handTo(writeLast)
  return {
    add(line) {
      lines.push(line)
      if (lines.length > 1) return
      atExit(last)
      setImmediate(flush)
    },
    flush,
  }
}

const waiting = new Set<() => void>()
let listens = false

function atExit(work: () => void): void {
  waiting.add(work)
  if (listens) return
  listens = true
  process.on('exit', () => {
    for (const one of waiting) one()
  })
}

const MOST_WAIT_MS = 1_000
const PAUSE_MS = 2

/**
 * Writes lines to standard output before it returns, whatever is at its other end: `process.stdout` takes what a pipe has
 * no room for later, and at the exit of the process there is no later. Gives up after a second without a reader.
 */
export function writeOutNow(lines: string): void {
  let rest = Buffer.from(`${lines}\n`)
  let patience = MOST_WAIT_MS
  while (rest.length > 0 && patience > 0) {
    try {
      rest = rest.subarray(writeSync(process.stdout.fd, rest))
      patience = MOST_WAIT_MS
    } catch (error) {
      if (!isFull(error)) return
      patience -= PAUSE_MS
      Atomics.wait(NEVER_WOKEN, 0, 0, PAUSE_MS)
    }
  }
}

const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4))

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}
