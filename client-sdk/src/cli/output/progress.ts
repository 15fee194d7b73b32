import type { Terminal } from '../terminal.ts'

const WIDTH = 24
const SHOW_EVERY_MS = 80

/** How far something is, on one line of messages. */
export interface Progress {
  show(done: number, total: number): void
  /** Removes the line. Must be called. */
  end(): void
}

/** Shows progress where somebody looks; elsewhere does nothing. */
export function showProgress(terminal: Terminal, isQuiet: boolean, title: string): Progress {
  if (!terminal.errIsTerminal || isQuiet) return { show() {}, end() {} }
  let shownAt = 0
  let isShown = false
  return {
    show(done, total) {
      const now = performance.now()
      if (now - shownAt < SHOW_EVERY_MS && done < total) return
      shownAt = now
      isShown = true
      const part = total > 0 ? Math.min(1, done / total) : 0
      const filled = Math.round(part * WIDTH)
      terminal.rewrite(
        `${title} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(part * 100)} %`,
      )
    },
    end() {
      if (isShown) terminal.rewrite('')
    },
  }
}
