import { Parser } from 'htmlparser2'
import { type Block, lines, oneLine, type ReadDocument } from './blocks.ts'
import { Unreadable } from './unreadable.ts'

/** Not what the page says: code, navigation, and what nobody sees. */
const SKIPPED = new Set([
  ...['script', 'style', 'noscript', 'template', 'nav', 'svg', 'math', 'canvas', 'iframe', 'object', 'embed'],
  ...['audio', 'video', 'select', 'datalist', 'button', 'dialog'],
])
/** Elements that run on within a line; every other one begins and ends a block. */
const INLINE = new Set([
  ...[
    'a',
    'abbr',
    'acronym',
    'b',
    'bdi',
    'bdo',
    'big',
    'br',
    'cite',
    'code',
    'data',
    'del',
    'dfn',
    'em',
    'font',
    'i',
  ],
  ...['img', 'input', 'ins', 'kbd', 'label', 'mark', 'output', 'q', 'rp', 'rt', 'ruby', 's', 'samp', 'small'],
  ...['span', 'strike', 'strong', 'sub', 'sup', 'time', 'tt', 'u', 'var', 'wbr', 'td', 'th'],
])
/** The parser looks through all that are open whenever one is closed. */
const MOST_DEPTH = 2_000
const HEADING = /^h([1-6])$/

/** A page: its words in reading order, headings as headings, rows of tables whole. Nothing it names is fetched. */
export function readHtml(html: string): ReadDocument {
  const blocks: Block[] = []
  let title = ''
  let text = ''
  let skipped = 0
  let inTitle = false
  let preformatted = 0
  let level: number | undefined
  let inRow = false
  let depth = 0

  const flush = (): void => {
    const kept = preformatted > 0 ? lines(text) : oneLine(text)
    text = ''
    if (kept === '') return
    if (level !== undefined) blocks.push({ kind: 'heading', level, text: kept })
    else blocks.push({ kind: inRow ? 'row' : 'text', text: withoutBars(kept) })
  }

  const parser = new Parser({
    onopentag(name, attributes) {
      depth += 1
      if (depth > MOST_DEPTH) throw new Unreadable('The page has too many elements inside of each other.')
      if (skipped > 0 || SKIPPED.has(name) || 'hidden' in attributes) {
        skipped += 1
        return
      }
      inTitle = name === 'title'
      if (name === 'br') text += preformatted > 0 ? '\n' : ' '
      // A row is one block, whatever is in its cells.
      if (INLINE.has(name) || (inRow && name !== 'tr')) return
      flush()
      if (name === 'pre') preformatted += 1
      if (name === 'tr') inRow = true
      const heading = HEADING.exec(name)
      if (heading !== null) level = Number(heading[1])
    },
    ontext(data) {
      if (skipped > 0) return
      if (inTitle) title += data
      else text += data
    },
    onclosetag(name) {
      depth -= 1
      if (skipped > 0) {
        skipped -= 1
        return
      }
      if (name === 'title') inTitle = false
      if (name === 'td' || name === 'th') text += ' | '
      if (inRow && name !== 'tr' && name !== 'table') {
        text += INLINE.has(name) ? '' : ' '
        return
      }
      if (INLINE.has(name)) return
      flush()
      if (name === 'pre') preformatted = Math.max(0, preformatted - 1)
      if (name === 'tr' || name === 'table') inRow = false
      if (HEADING.test(name)) level = undefined
    },
  })
  parser.write(html)
  parser.end()
  flush()
  const own = oneLine(title)
  return { title: own === '' ? null : own, pages: null, blocks }
}

/** Without the bars behind a row's last cell. A pattern would try again at every bar of a long row. */
function withoutBars(text: string): string {
  let end = text.length
  while (text.endsWith(' |', end)) end -= 2
  return text.slice(0, end)
}
