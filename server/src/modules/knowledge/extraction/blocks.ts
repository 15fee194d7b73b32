/** A piece of a document as its format has it, in reading order. */
export interface Block {
  /** `row`: a line of a table, which is not to be torn apart. */
  readonly kind: 'heading' | 'text' | 'row'
  readonly text: string
  /** Of a heading: 1 for the highest. */
  readonly level?: number
  /** Counts from 1. */
  readonly page?: number
}

/** What a format's reader makes of a file. */
export interface ReadDocument {
  /** What the document calls itself. */
  readonly title: string | null
  readonly pages: number | null
  readonly blocks: readonly Block[]
}

/** A block's place in the document's text, in UTF-16 units. */
export interface Part extends Omit<Block, 'text'> {
  readonly start: number
  readonly end: number
}

/** A document as one text, and where its blocks are in it. */
export interface AssembledText {
  readonly text: string
  readonly parts: readonly Part[]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const UNWANTED = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\ufeff\ufffe\uffff]/g

/** Text that a database takes and a person can read: well-formed, composed (NFC), without control characters. */
function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|\f/g, '\n')
    .replace(UNWANTED, '')
    .normalize('NFC')
}

/** Text on one line, every run of white space one space. */
export function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim()
}

/** Text whose lines stay lines, without white space at their ends and without empty ones. */
export function lines(text: string): string {
  return cleanText(text)
    .split('\n')
    .map((line) => line.replace(/[^\S\n]+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n')
}

/** Puts blocks one after the other: rows of a table on lines of their own, everything else with an empty line between. */
export function assemble(blocks: readonly Block[]): AssembledText {
  const parts: Part[] = []
  const pieces: string[] = []
  let at = 0
  let before: Block | undefined
  for (const block of blocks) {
    if (block.text === '') continue
    const between = before === undefined ? '' : before.kind === 'row' && block.kind === 'row' ? '\n' : '\n\n'
    pieces.push(between, block.text)
    const start = at + between.length
    const { text, ...rest } = block
    parts.push({ ...rest, start, end: start + text.length })
    at = start + text.length
    before = block
  }
  return { text: pieces.join(''), parts }
}
