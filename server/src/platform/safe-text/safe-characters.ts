import type { TextFilter } from './text-filter.ts'

/** The longest escape sequence that is taken out; what pretends to be a longer one is shown. */
const MOST_IN_SEQUENCE = 2_000
const ESCAPE = '\u{1b}'
const BELL = '\u{7}'
const ZWNJ = '\u{200c}'
const ZWJ = '\u{200d}'
const EMOJI_STYLE = '\u{fe0f}'

/** C0 and C1 without tab and line feed, DEL, noncharacters and the marks of interlinear annotation. */
const CONTROL = /[\p{Cc}\p{Noncharacter_Code_Point}\u{fff9}-\u{fffb}]/u
/** Zero-width characters, bidirectional controls, variation selectors, tags: what carries text that nobody sees. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u
/** Scripts that are spelt with joiners. */
const JOINING =
  /[\p{sc=Arab}\p{sc=Beng}\p{sc=Deva}\p{sc=Gujr}\p{sc=Guru}\p{sc=Knda}\p{sc=Mlym}\p{sc=Orya}\p{sc=Sinh}\p{sc=Syrc}\p{sc=Taml}\p{sc=Telu}\p{sc=Mong}]/u
const PICTURE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\u{fe0f}/u

type Mode = 'text' | 'escape' | 'control sequence' | 'string' | 'string escape'

/**
 * Takes out what acts on a terminal or is read by machines and not by people: escape sequences, control characters,
 * zero-width and bidirectional controls, tags. Joiners and emoji styles stay where the spelling needs them. Line ends
 * become line feeds; halves of characters become U+FFFD, so that a database takes the text.
 */
export function safeCharacters(): TextFilter {
  let half = ''
  let mode: Mode = 'text'
  let inSequence = 0
  let previous = ''
  let joiner = ''
  let afterReturn = false
  let out = ''

  function text(char: string): void {
    const wasReturn = afterReturn
    afterReturn = false
    const sequence = sequenceBegunBy(char)
    if (sequence !== undefined) {
      mode = sequence
      inSequence = 0
      return
    }
    if (char === '\n' && wasReturn) return
    if (char === '\r') afterReturn = true
    if (char === ZWJ || char === ZWNJ) {
      joiner = char
      return
    }
    const kept = keep(char)
    if (kept === '') return
    if (joiner !== '' && joins(previous, joiner, kept)) out += joiner
    joiner = ''
    out += kept
    previous = kept
  }

  function keep(char: string): string {
    if (/[\r\n\u{2028}\u{2029}]/u.test(char)) return '\n'
    if (char === '\t') return char
    if (char === EMOJI_STYLE) return /\p{Emoji}/u.test(previous) ? char : ''
    if (/\p{Cs}/u.test(char)) return '\u{fffd}'
    return CONTROL.test(char) || INVISIBLE.test(char) ? '' : char
  }

  function take(char: string): void {
    const again = (): void => {
      mode = 'text'
      text(char)
    }
    inSequence += 1
    if (mode === 'text' || char === '\n' || inSequence > MOST_IN_SEQUENCE) again()
    else if (char === ESCAPE) {
      mode = mode === 'string' ? 'string escape' : 'escape'
    } else if (mode === 'escape') {
      if (char === '[') mode = 'control sequence'
      else if (/[\]PX^_]/.test(char)) mode = 'string'
      else if (!/[ -/]/.test(char)) mode = 'text'
    } else if (mode === 'control sequence') {
      if (/[@-~]/.test(char)) mode = 'text'
      else if (!/[ -?]/.test(char)) again()
    } else if (char === BELL || char === '\u{9c}' || (mode === 'string escape' && char === '\\')) {
      mode = 'text'
    } else mode = 'string'
  }

  function drain(): string {
    const drained = out
    out = ''
    return drained
  }

  return {
    push(piece) {
      let whole = half + piece
      half = ''
      // The other half of a character may be in the next piece.
      if (/[\u{d800}-\u{dbff}]$/u.test(whole)) {
        half = whole.slice(-1)
        whole = whole.slice(0, -1)
      }
      for (const char of whole) take(char)
      return drain()
    },
    end() {
      for (const char of half) take(char)
      half = ''
      return drain()
    },
  }
}

function sequenceBegunBy(char: string): Mode | undefined {
  if (char === ESCAPE) return 'escape'
  if (char === '\u{9b}') return 'control sequence'
  return '\u{90}\u{98}\u{9d}\u{9e}\u{9f}'.includes(char) ? 'string' : undefined
}

function joins(before: string, joiner: string, after: string): boolean {
  if (joiner === ZWJ && PICTURE.test(before) && PICTURE.test(after)) return true
  return JOINING.test(before) && JOINING.test(after)
}
