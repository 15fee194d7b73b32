import { globalFlags } from './global-flags.ts'

/** A command line, before it is known what its words mean. */
export interface SplitLine {
  /** Flags before and between the words. */
  readonly before: readonly string[]
  /** The words up to the first flag that is not every command's; operands among them. */
  readonly words: readonly string[]
  readonly rest: readonly string[]
}

/** Splits a command line into the words that name a command and what comes after them. */
export function splitWords(args: readonly string[]): SplitLine {
  const before: string[] = []
  const words: string[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg)
      continue
    }
    const name = arg.split('=', 1)[0] ?? ''
    const flag = globalFlags.find((known) => name === `--${known.name}` || name === `-${known.short}`)
    if (flag === undefined && arg !== '--version') return { before, words, rest: args.slice(index) }
    before.push(arg)
    if (flag?.value !== undefined && !arg.includes('=')) {
      index += 1
      before.push(...args.slice(index, index + 1))
    }
  }
  return { before, words, rest: [] }
}
