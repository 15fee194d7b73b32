import { ADDRESS_LETTER, addressAt } from './addresses.ts'
import { closingAt, type Fence, mayOpenFence, openingAt } from './fences.ts'
import type { TextFilter } from './text-filter.ts'

/** What a text may keep. */
export interface SafeTextOptions {
  /** Whether an address may be shown whole, as code: where it stood before, so that it carries nothing. */
  readonly isKnownAddress?: (address: string) => boolean
  /**
   * Whether the marker `[n]` stays; asked in the order of the text. Without it brackets with numbers are text like any
   * other. Never asked about what is code.
   */
  readonly keepMarker?: (n: number) => boolean
}

/** What stands before the `@` of an address; longer ones are text. */
const LONGEST_MAILBOX = 200
/** Code within a sentence has to end on its line, and within so many characters. */
const LONGEST_CODE = 500
const LONGEST_LINE_START = 40
const LONG_LINE = 'a line that is no longer at its start'
const LONGEST_MARKER = 62
/** What may stand right behind a word. */
const CLOSES = /^(?:$|[\s,;?)\]*_"'|]|!(?:$|[^[])|[.:](?:$|\s))/
/** A backslash before these takes their meaning away. */
const ESCAPABLE = /[\\`*_{}[\]()#+\-!|~$^"']/
/** Before these it would only hide them from us. */
const HIDEABLE = /[:/.@&?=%,;<>]/
const PLAIN = /[^\n \t`~\\<&![\]:(bdfhjvwBDFHJVW]+/y
const MARKER = /\[\s*\d{1,4}(?:\s*[,;]\s*\d{1,4})*\s*\]/y
const MARKER_BEGUN = /\[[\d\s,;]{0,60}$/y

/**
 * Makes Markdown harmless however it is shown. No page that renders the result finds an image, a link, a definition of
 * one or HTML in it: `](` and `]:` are taken apart, `<` and character references become text, and addresses become the
 * name of their host, as code. Blocks of code and code on one line stay as they are. The result is written so that
 * this filter and a Markdown parser cannot disagree on what is code: blocks begin at the start of a line, and what is
 * not closed is escaped. A page that also draws formulas may disagree behind a `$`: there links go from code, too.
 */
export function safeMarkdown(options: SafeTextOptions = {}): TextFilter {
  let text = ''
  let at = 0
  let isWhole = false
  let out = ''
  /** The last character given out. */
  let last = ''
  /** How the line began, as far as {@link mayOpenFence} wants to know. */
  let line = ''
  let fence: Fence | undefined
  /** Within a block: what comes next is the start of a line. In its first line: the rest is dropped. */
  let place: 'start' | 'line' | 'info' = 'line'
  /** A formula may have begun, and end within what is code to us. */
  let maybeFormula = false

  const give = (piece: string): void => {
    if (piece === '') return
    out += piece
    last = piece.slice(-1)
    const broken = piece.lastIndexOf('\n')
    line = broken < 0 ? line + piece : piece.slice(broken + 1)
    if (line.length > LONGEST_LINE_START) line = LONG_LINE
  }
  /** Consumes `length` characters and gives `piece` for them. */
  const step = (length: number, piece: string): true => {
    at += length
    give(piece)
    return true
  }
  const apart = (content: string, before = ''): string =>
    maybeFormula ? (before + content).replace(/\](?=[(:])/g, '] ').slice(before.length) : content
  const code = (length: number, content: string, mark = '`'): true =>
    step(length, `${last === '`' || last === '\\' ? ' ' : ''}${mark}${apart(content)}${mark}`)
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0] ?? ''
  }
  const endsHere = (length: number): boolean => at + length >= text.length && !isWhole

  function spaces(): boolean {
    const run = match(/[ \t]+/y)
    if (endsHere(run.length)) return false
    const next = text.charAt(at + run.length)
    if ((next === '`' || next === '~') && mayOpenFence(line)) {
      const opening = openingAt(text, at + run.length, isWhole)
      if (opening === 'wait') return false
      if (opening !== undefined) return open(opening, run.length)
    }
    if (next !== '[' || options.keepMarker === undefined) return step(run.length, run)
    const from = at
    at += run.length
    const found = marker()
    if (found === undefined) give(run)
    else if (found === false) at = from
    else if (found.startsWith('[')) give(run + found)
    else give(found)
    return found !== false
  }

  /** The markers here that stay; undefined when these are none, false when that is not certain yet. */
  function marker(): string | undefined | false {
    if (options.keepMarker === undefined) return undefined
    const { keepMarker } = options
    if (!isWhole && match(MARKER_BEGUN) !== '') return false
    const found = match(MARKER)
    if (found === '' || found.length > LONGEST_MARKER) return undefined
    const numbers = (found.match(/\d+/g) ?? []).map(Number)
    const kept = numbers.flatMap((n) => (keepMarker(n) ? [`[${n}]`] : [])).join('')
    const after = text.slice(at + found.length, at + found.length + 2)
    if (kept === '' && after.length < 2 && !isWhole) return false
    at += found.length
    // What was apart must not become one word, which could be an address.
    return kept === '' && !CLOSES.test(after) ? ' ' : kept
  }

  function open(opening: { mark: string; language: string; end: number }, indent: number): true {
    // Behind the sign of an item: the block goes below it.
    if (line !== '') give('\n')
    fence = { mark: opening.mark, indent }
    at = opening.end
    place = 'info'
    give(opening.mark + opening.language)
    return true
  }

  function backticks(): boolean {
    if (mayOpenFence(line)) {
      const opening = openingAt(text, at, isWhole)
      if (opening === 'wait') return false
      if (opening !== undefined) return open(opening, line.length)
    }
    const run = match(/`+/y)
    if (endsHere(run.length)) return false
    const from = at + run.length
    for (const closing of text.slice(from, from + LONGEST_CODE).matchAll(/\n|`+/g)) {
      if (closing[0] === '\n') return step(run.length, '\\`'.repeat(run.length))
      const after = from + closing.index + closing[0].length
      if (after === text.length && !isWhole) return false
      if (closing[0].length !== run.length) continue
      const content = text.slice(from, from + closing.index)
      // In a table a bar ends the cell, also within code.
      if (content.includes('|')) break
      return code(after - at, content, run)
    }
    if (text.length - from < LONGEST_CODE && !isWhole && !text.slice(from).includes('|')) return false
    return step(run.length, '\\`'.repeat(run.length))
  }

  /** What may begin a tag or, as `<7@example.org>`, an address becomes text. */
  function lessThan(next: string): boolean {
    if (/[a-z/!?]/i.test(next)) return step(1, '&lt;')
    const begun = match(/<[\w.!#$%&'*+/=?^`{|}~-]*/y)
    if (begun.length <= LONGEST_MAILBOX && endsHere(begun.length)) return false
    const isMailbox = begun.length > LONGEST_MAILBOX || text.charAt(at + begun.length) === '@'
    return step(1, isMailbox ? '&lt;' : '<')
  }

  function prose(): boolean {
    const char = text.charAt(at)
    const next = text.charAt(at + 1)
    if (char === ' ' || char === '\t') return spaces()
    if (char === '`') return backticks()
    if (char === '~' && mayOpenFence(line)) {
      const opening = openingAt(text, at, isWhole)
      if (opening === 'wait') return false
      return opening === undefined ? step(1, char) : open(opening, line.length)
    }
    if (char === '\\' || char === '<' || char === '!') {
      if (endsHere(1)) return false
      if (char === '<') return lessThan(next)
      if (char === '\\')
        return ESCAPABLE.test(next) ? escaped(next) : step(1, HIDEABLE.test(next) ? '\\\\' : char)
      if (next !== '[') return step(1, char)
      if (endsHere(2)) return false
      return step(1, /\d/.test(text.charAt(at + 2)) ? char : '')
    }
    if (char === '&') {
      const name = match(/&#?\w{0,40}/y)
      if (endsHere(name.length)) return false
      return step(1, name.length > 1 && text.charAt(at + name.length) === ';' ? '&amp;' : char)
    }
    if (char === '[') {
      const found = marker()
      if (found === undefined) return step(1, char)
      if (found === false) return false
      give(found)
      return true
    }
    if (char === '(' || char === ':') return step(1, last === ']' ? ` ${char}` : char)
    if (ADDRESS_LETTER.test(char)) return address(char)
    return step(1, char)
  }

  function escaped(next: string): true {
    step(2, `\\${next}`)
    // An escaped bracket is none that a link could end with.
    if (next === ']') last = '\\'
    return true
  }

  function address(char: string): boolean {
    const found = addressAt(text, at, last, isWhole)
    if (found === 'wait') return false
    if (found === undefined) return step(1, char)
    const shown = options.isKnownAddress?.(found.text) === true ? found.text : found.shown
    // It leads nowhere; what it carries goes all the same.
    if (shown === '') return step(found.text.length, /^[a-z]+/i.exec(found.text)?.[0] ?? '')
    return code(found.text.length, shown)
  }

  function block(opened: Fence): boolean {
    if (place === 'info') {
      const rest = match(/[^\n]*/y)
      at += rest.length
      if (at === text.length) return true
      place = 'start'
      return step(1, '\n')
    }
    if (place === 'start') {
      const end = closingAt(text, at, opened, isWhole)
      if (end === 'wait') return false
      if (end !== undefined) {
        at = end
        give(opened.mark)
        fence = undefined
        place = 'line'
        return true
      }
      place = 'line'
      at += Math.min(match(/ */y).length, opened.indent)
    }
    const content = match(/[^\n]*\n?/y)
    if (content.endsWith('\n')) place = 'start'
    return step(content.length, apart(content, last))
  }

  function scan(): string {
    while (at < text.length) {
      const plain = fence === undefined ? match(PLAIN) : ''
      if (plain.includes('$')) maybeFormula = true
      if (plain !== '') step(plain.length, plain)
      else if (!(fence === undefined ? prose() : block(fence))) break
    }
    text = text.slice(at)
    at = 0
    const done = out
    out = ''
    return done
  }

  return {
    push(piece) {
      text += piece
      return scan()
    },
    end() {
      isWhole = true
      const rest = scan()
      return fence === undefined ? rest : `${rest}${last === '\n' ? '' : '\n'}${fence.mark}`
    },
  }
}
