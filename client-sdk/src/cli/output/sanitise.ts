/**
 * What may move the cursor, recolour, rename the window or turn text around when a terminal shows it: C0 and C1 controls,
 * line separators, and the marks that change the direction of writing. Tabs and line ends are handled by the caller.
 */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** A value of the server as one line that is safe to show: line ends become `⏎`, tabs spaces, the rest `�`. */
export function oneLine(text: string): string {
  return text.replaceAll(/\r?\n/g, '⏎').replaceAll('\t', ' ').replaceAll(UNSAFE, '�')
}

/** A text of the server that is safe to show and keeps its lines. */
export function manyLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.replaceAll('\t', '  ').replaceAll(UNSAFE, '�'))
    .join('\n')
}

/** A character that is not safe, or colour as `colours.ts` makes it. */
const UNSAFE_OR_COLOUR = new RegExp(`\\p{Cc}\\[\\d{1,2}m|${UNSAFE.source}`, 'gu')

/**
 * Text that is put together and painted already, made safe to show as a whole: whatever of a server's names or numbers
 * was not looked at before acts on no terminal. Colours and line ends stay.
 */
export function painted(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(UNSAFE_OR_COLOUR, (found) => {
    const isColour = found.length > 1 && found.startsWith('\u001b')
    return isColour || found === '\n' ? found : found.replace(UNSAFE, '�')
  })
}

/** JSON that is safe to show: what JSON leaves as it is and a terminal would act on is written as `\u…`. */
export function safeJson(json: string): string {
  return json.replaceAll(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A text of the server as part of a paragraph: line ends become spaces. */
export function plain(text: string): string {
  return oneLine(text.replaceAll(/\s*\r?\n\s*/g, ' '))
}
