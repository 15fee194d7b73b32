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
 * the process exits is written then, also after an error nobody caught.
 */
export function lineWriter(write: (lines: string) => void): LineWriter {
  let lines: string[] = []
  const flush = (): void => {
    waiting.delete(flush)
    if (lines.length === 0) return
    const text = lines.join('\n')
    lines = []
    write(text)
  }
  return {
    add(line) {
      lines.push(line)
      if (lines.length > 1) return
      flushAtExit(flush)
      setImmediate(flush)
    },
    flush,
  }
}

const waiting = new Set<() => void>()
let listens = false

function flushAtExit(flush: () => void): void {
  waiting.add(flush)
  if (listens) return
  listens = true
  process.on('exit', () => {
    for (const one of waiting) one()
  })
}
