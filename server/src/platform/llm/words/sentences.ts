const END =
  /(?<=[.!?…][)"'”’\]]*)\s+(?=[\p{Lu}\p{N}"'“‘([¿¡])|(?<=[。！？])\s*|\n\s*\n|\n(?=\s*(?:[-*•]|\d{1,3}[.)])\s)/u
const ABBREVIATION =
  /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|al|fig|no|vol|pp?|dr|mr|mrs|ms|prof|st|inc|ltd|approx|[A-Z])\.$|^\s*\d{1,3}\.$/iu
const HEADING = /^#{1,6}\s+/
const LIST_MARK = /^(?:[-*•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?/

/** More is not joined over what looks like an abbreviation. */
const LONGEST_JOINED = 1000

/** A sentence of a text, or an item of a list in it. */
export interface Sentence {
  /** On one line, without the mark of a list. */
  readonly text: string
  readonly listItem: boolean
}

/** The sentences of a text in their order. Headings are none. */
export function sentencesOf(text: string): Sentence[] {
  const sentences: Sentence[] = []
  let open = ''
  for (const piece of text.split(END)) {
    const whole = open === '' ? piece : `${open} ${piece}`
    // "Smith et al. Found" goes on; a break between paragraphs does not come here as an abbreviation.
    if (ABBREVIATION.test(piece.trimEnd()) && whole.length < LONGEST_JOINED) {
      open = whole
      continue
    }
    open = ''
    add(sentences, whole)
  }
  if (open !== '') add(sentences, open)
  return sentences
}

function add(sentences: Sentence[], raw: string): void {
  for (const part of raw.split(/\n(?=#{1,6}\s)|(?<=^#{1,6}\s.*)\n/u)) {
    const trimmed = part.trim()
    if (trimmed === '' || HEADING.test(trimmed)) continue
    const text = trimmed.replace(LIST_MARK, '').replace(/\s+/g, ' ')
    if (/[\p{L}\p{N}]/u.test(text)) sentences.push({ text, listItem: LIST_MARK.test(trimmed) })
  }
}
