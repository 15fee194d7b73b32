import { fromMarkdown } from 'mdast-util-from-markdown'
import { type Block, lines, oneLine, type ReadDocument } from './blocks.ts'
import { readHtml } from './read-html.ts'

type Root = ReturnType<typeof fromMarkdown>
type Node = Root | Root['children'][number]

/** Markdown: headings as headings; lists, quotations and code as text. */
export function readMarkdown(markdown: string): ReadDocument {
  const blocks: Block[] = []
  // A table of GitHub's kind comes as a paragraph whose lines are its rows.
  visit(fromMarkdown(withoutFrontMatter(markdown)), blocks)
  const title = blocks.find(({ kind, level }) => kind === 'heading' && level === 1)
  return { title: title?.text ?? null, pages: null, blocks }
}

function visit(node: Node, blocks: Block[]): void {
  switch (node.type) {
    case 'heading':
      blocks.push({ kind: 'heading', level: node.depth, text: oneLine(wordsOf(node)) })
      return
    case 'paragraph':
      blocks.push({ kind: 'text', text: lines(wordsOf(node)) })
      return
    case 'code':
      blocks.push({ kind: 'text', text: lines(node.value) })
      return
    case 'html':
      blocks.push(...readHtml(node.value).blocks)
      return
    default:
      if ('children' in node) for (const child of node.children) visit(child, blocks)
  }
}

function wordsOf(node: Node): string {
  if ('children' in node) return node.children.map(wordsOf).join('')
  if (node.type === 'break') return '\n'
  if (node.type === 'html') return ''
  if ('value' in node) return node.value
  return 'alt' in node ? (node.alt ?? '') : ''
}

/** What stands between two lines of `---` at the beginning is about the file, not in it. */
function withoutFrontMatter(markdown: string): string {
  return markdown.replace(/^\ufeff?---\r?\n[\s\S]{0,10000}?\r?\n---[^\S\n]*(?:\r?\n|$)/, '')
}
