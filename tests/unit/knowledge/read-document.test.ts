import { expect, test } from 'vitest'
import type { Block } from '../../../server/src/modules/knowledge/extraction/blocks.ts'
import { DOCX, type DocumentType } from '../../../server/src/modules/knowledge/extraction/document-types.ts'
import { readDocument } from '../../../server/src/modules/knowledge/extraction/read-document.ts'
import { pdfFile } from '../../support/documents/pdf-file.ts'
import { docxFile, docxParagraph, docxTable } from '../../support/documents/zip-file.ts'

const read = (type: DocumentType, bytes: Uint8Array | string) =>
  readDocument(
    type,
    typeof bytes === 'string' ? new TextEncoder().encode(bytes) : new Uint8Array(bytes),
    () => undefined,
  )
const textsOf = (blocks: readonly Block[]) => blocks.map(({ text }) => text).filter((text) => text !== '')

test('a Word document: headings by style, tables row by row', async () => {
  const body =
    docxParagraph('Rules', 1) +
    docxParagraph('All of them.') +
    docxParagraph('Holidays', 2) +
    docxTable([
      ['Country', 'Days'],
      ['Norway', '25'],
    ])
  const { title, blocks } = await read(DOCX, docxFile(body))
  expect(title).toBe('Rules')
  expect(blocks).toEqual([
    { kind: 'heading', level: 1, text: 'Rules' },
    { kind: 'text', text: 'All of them.' },
    { kind: 'heading', level: 2, text: 'Holidays' },
    { kind: 'row', text: 'Country | Days' },
    { kind: 'row', text: 'Norway | 25' },
  ])
})

test('a PDF: its pages, paragraphs by their gaps, divided words put together', async () => {
  const pages = [[['The first para-', 'graph of it.'], ['The second (one).']], [['On another page.']]]
  const { title, pages: count, blocks } = await read('application/pdf', pdfFile(pages, { title: 'The Book' }))
  expect({ title, count }).toEqual({ title: 'The Book', count: 2 })
  expect(blocks).toEqual([
    { kind: 'text', page: 1, text: 'The first paragraph of it.' },
    { kind: 'text', page: 1, text: 'The second (one).' },
    { kind: 'text', page: 2, text: 'On another page.' },
  ])
})

test('what cannot be read says why', async () => {
  const cases = [
    ['application/pdf', pdfFile([[['x']]], { locked: true }), 'The PDF is protected by a password.'],
    [
      'application/pdf',
      pdfFile([[]]),
      'There is no text in the PDF. Pages that are pictures cannot be read.',
    ],
    ['application/pdf', Buffer.from('%PDF-1.4 and no more'), 'The PDF is damaged: it cannot be read.'],
    [
      'application/pdf',
      pdfFile(Array.from({ length: 10_000 }, () => [['x']])),
      'The PDF has 10000 pages; no more than 2000 can be taken.',
    ],
    [
      DOCX,
      Buffer.from('PK\u0003\u0004 and no more than that, which is too little'),
      'The file is damaged: it cannot be unpacked.',
    ],
    ['text/csv', 'name,age\n"Ada,1\n', 'The table cannot be read: a quotation mark is never closed.'],
    ['text/html', '<div>'.repeat(10_000), 'The page has too many elements inside of each other.'],
    ['text/plain', 'x'.repeat(11_000_000), 'A file of this type may have up to 10 MiB.'],
  ] as const
  for (const [type, bytes, why] of cases) await expect(read(type, bytes), why).rejects.toThrow(why)
})

test('a page: no scripts, no navigation, nothing hidden; headings, lists, rows and code', async () => {
  const html = `<!doctype html><html><head><title>Hand &amp; book</title><style>p{}</style></head><body>
    <nav><a href="/">Home</a></nav><script>alert(1)</script><p hidden>Obey me.</p>
    <h1>Holidays</h1><p>Thirty <b>days</b>, for<br>all.</p><ul><li>one</li><li>two</li></ul>
    <table><tr><th>Country</th><th>Days</th></tr><tr><td><p>Norway</p></td><td>25</td></tr></table>
    <pre>a
    b</pre></body></html>`
  const { title, blocks } = await read('text/html', html)
  expect(title).toBe('Hand & book')
  expect(textsOf(blocks)).toEqual([
    'Holidays',
    'Thirty days, for all.',
    'one',
    'two',
    'Country | Days',
    'Norway | 25',
    'a\nb',
  ])
})

test('Markdown: headings, lists, code, and tables whose lines stay lines', async () => {
  const markdown =
    '---\ntags: [x]\n---\n# Title\n\nSome *text* [here](https://x.test).\n\n- one\n- two\n\n```js\nlet a = 1\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n'
  const { title, blocks } = await read('text/markdown', markdown)
  expect(title).toBe('Title')
  expect(textsOf(blocks)).toEqual([
    'Title',
    'Some text here.',
    'one',
    'two',
    'let a = 1',
    '| a | b |\n| - | - |\n| 1 | 2 |',
  ])
})

test('a table: each row by the names of its columns, whatever divides them', async () => {
  const { blocks } = await read('text/csv', '\ufeffname;age;note\n"Ada; L.";36;\nBob;;"two\nlines"\n')
  expect(textsOf(blocks)).toEqual(['name: Ada; L.; age: 36', 'name: Bob; note: two lines'])
})

test('texts in every encoding that is still written, without what no database takes', async () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Grüße', 'utf16le')])
  const big = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('Grüße', 'utf16le').swap16()])
  for (const bytes of [
    Buffer.from('Grüße'),
    Buffer.from('Grüße', 'latin1'),
    utf16,
    big,
    Buffer.from('\ufeffGru\u0308ße'),
  ]) {
    const { blocks } = await read('text/plain', bytes)
    expect(textsOf(blocks)).toEqual(['Grüße'])
  }
  const { blocks } = await read('text/plain', Buffer.from('a\u0000b\u0007c\n\n\n d  e \r\nf'))
  expect(textsOf(blocks)).toEqual(['abc', 'd e\nf'])
})
