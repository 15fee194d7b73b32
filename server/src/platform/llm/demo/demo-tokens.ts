/** A token of the demo models: up to six letters, up to three digits, or any other sign. */
const TOKEN = /\p{L}[\p{L}\p{M}]{0,5}|\p{N}{1,3}|[^\s\p{L}\p{N}]/gu

/** How many tokens a text has for the demo models; exact, since these models are ours. */
export function countDemoTokens(text: string): number {
  let count = 0
  for (const _ of text.matchAll(TOKEN)) count += 1
  return count
}

/** A text word by word, each with the white space before it; together they are the text. */
export function wordPieces(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? []
}

/** The beginning of a text that has at most `limit` tokens. */
export function firstTokens(text: string, limit: number): string {
  let count = 0
  for (const match of text.matchAll(TOKEN)) {
    if (count === limit) return text.slice(0, match.index).trimEnd()
    count += 1
  }
  return text
}
