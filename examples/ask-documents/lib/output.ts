import type { Citation } from '@plinth/client'

/** Told how far something is. */
export type OnProgress = (current: number, total: number) => void

/** What a person sees. */
export interface Output {
  line(text: string): void
  /** Prints an answer with the sources it names. */
  answer(text: string, citations: readonly Citation[]): void
  /** Runs `work` and prints a line with its name, what `done` was told and how long it took. */
  step<T>(name: string, work: (done: (summary: string) => void) => Promise<T>): Promise<T>
  /** A bar that is drawn over on a terminal; a line each time elsewhere. */
  readonly progress: OnProgress
}

const BAR = 30
const NAME = 11
const CLEAR_LINE = '\r\u001b[2K'

/** Writes for a terminal, or in plain lines when the output goes to a file or another program. */
export function createOutput(stream: NodeJS.WriteStream): Output {
  const clear = () => {
    if (stream.isTTY) stream.write(CLEAR_LINE)
  }
  let current = ''
  return {
    line: (text) => void stream.write(`${text}\n`),
    answer(text, citations) {
      stream.write(`${indented(text)}\n\n`)
      for (const { n, title, page } of citations) {
        stream.write(`   [${n}] ${title ?? 'not available'}${page === undefined ? '' : `, page ${page}`}\n`)
      }
    },
    async step(name, work) {
      current = name
      const started = performance.now()
      let summary = ''
      try {
        const result = await work((text) => {
          summary = text
        })
        clear()
        stream.write(`✓ ${name.padEnd(NAME)}${summary} (${duration(performance.now() - started)})\n`)
        return result
      } catch (error) {
        clear()
        stream.write(`✗ ${name.padEnd(NAME)}failed after ${duration(performance.now() - started)}\n`)
        throw error
      }
    },
    progress(done, total) {
      const share = total === 0 ? 1 : done / total
      if (!stream.isTTY) {
        stream.write(`  ${current.padEnd(NAME)}${done} of ${total}\n`)
        return
      }
      const bar = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░')
      stream.write(`${CLEAR_LINE}  ${current.padEnd(NAME)}${bar} ${done} of ${total}`)
    },
  }
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '   ')
}

/** `340 ms`, `2.1 s`. */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
