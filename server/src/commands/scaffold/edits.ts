/** Something is in the way of what was to be written; nothing was. */
export class ScaffoldBlocked extends Error {}

/** One insertion into a file that is there. */
export interface Insertion {
  /** The text it goes before. */
  readonly before: string
  /** Where to look for it from: the first place after this text. The beginning unless given. */
  readonly after?: string
  readonly text: string
}

/**
 * `content` with the insertions made, in order.
 *
 * @throws ScaffoldBlocked naming `path` when a place is not found
 */
export function insertAll(path: string, content: string, insertions: readonly Insertion[]): string {
  return insertions.reduce((now, { before, after = '', text }) => {
    const from = now.indexOf(after)
    const at = from === -1 ? -1 : now.indexOf(before, from + after.length)
    if (at !== -1) return now.slice(0, at) + text + now.slice(at)
    const place = [after, before].map((part) => part.trim()).filter((part) => part !== '')
    throw new ScaffoldBlocked(
      `${path} does not look as expected: there is no ${place.map((part) => `"${part}"`).join(' followed by ')}.`,
    )
  }, content)
}
