import type { Terminal } from '../../client-sdk/src/cli/terminal.ts'

/** A terminal of a command that nobody watches; `written` and `said` collect what it prints. */
export function silentTerminal(
  more: Partial<Terminal> = {},
): Terminal & { readonly written: string[]; readonly said: string[] } {
  const written: string[] = []
  const said: string[] = []
  return {
    written,
    said,
    env: {},
    outIsTerminal: false,
    errIsTerminal: false,
    canAsk: false,
    colourOut: false,
    colourErr: false,
    columns: 80,
    signal: new AbortController().signal,
    async write(text) {
      written.push(text)
    },
    say(message) {
      said.push(message)
    },
    rewrite() {},
    readInput: async () => '{}',
    async *input() {},
    ...more,
  }
}
