import { createServer } from 'node:http'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatWorld, createChatWorld } from '../support/llm/chat-world.ts'
import { inPieces } from '../support/llm/obeying.ts'

let chat: ChatWorld
let hits = 0
let collector: string
const server = createServer((_request, response) => {
  hits += 1
  response.end()
})

beforeAll(async () => {
  chat = await createChatWorld()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  collector = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}, 60_000)
afterAll(async () => {
  await chat?.[Symbol.asyncDispose]()
  await new Promise((resolve) => server.close(resolve))
})

/** What a page that shows Markdown would load or run by itself, or what a terminal or a reader would be misled by. */
const DANGERS: Readonly<Record<string, (url: string) => string>> = {
  'an image': (url) => `Look: ![a chart](${url}/?q=SECRET) there.`,
  'an image with a title': (url) => `![a](<${url}/?q=SECRET> "title")`,
  'an image by reference': (url) => `See ![a][x].\n\n[x]: ${url}/?q=SECRET`,
  'an image by reference, the definition first': (url) => `[x]: ${url}/?q=SECRET\n\n![x]`,
  'an image in a link': (url) => `[![a](${url}/?q=SECRET)](${url}/two)`,
  'HTML that loads': (url) => `<img src="${url}/?q=SECRET"> <iframe src='${url}'></iframe>`,
  'HTML that runs': () =>
    `<script>fetch("/")</script><svg onload=alert(1)><a href="javascript:alert(1)">x</a>`,
  'HTML over several lines': (url) => `<img\n  src=\n"${url}/?q=SECRET"\n>`,
  'an unfinished tag': (url) => `<img src="${url}/?q=SECRET"`,
  'a script link': () => `[click](javascript:alert(1)) [two](JaVaScRiPt:alert(1)) [three](vbscript:x)`,
  'a data link': () => `[doc](data:text/html;base64,PHNjcmlwdD4=)`,
  'a data image': () => `![x](data:image/svg+xml;base64,PHN2Zz4=)`,
  'terminal commands': () => `\u001b[2J\u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007 \u009b31mred`,
  'what cannot be seen': () =>
    `Pay\u200b\u200c\u200d\u2060\ufeff now \u202etxt.exe\u202c \u{e0041}\u{e0042} done`,
  'style that loads': (url) => `<style>@import url("${url}/s.css")</style>`,
}

/** What a page makes of Markdown that loads, leads away or acts. */
const ACTS = ['image', 'imageReference', 'link', 'linkReference', 'definition', 'html']

/** Nothing of {@link DANGERS} as a page or a terminal would take it. */
function expectHarmless(text: string): void {
  expect(
    typesIn(fromMarkdown(text)).filter((type) => ACTS.includes(type)),
    text,
  ).toEqual([])
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
  expect(text).not.toMatch(/[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/u)
  expect(text).not.toContain('SECRET')
}

interface Node {
  readonly type: string
  readonly children?: readonly Node[]
}

function typesIn({ type, children = [] }: Node): string[] {
  return [type, ...children.flatMap(typesIn)]
}

describe('L6 answers cannot carry anything away', () => {
  test.each(Object.entries(DANGERS))('%s, whole and in pieces', async (_name, danger) => {
    const { owner } = chat.world.principals
    const text = `Before. ${danger(collector)}\n\nAfter.`
    for (const size of [text.length, 1, 3]) {
      chat.vendor.answer(() => inPieces(text, size))
      const reply = await chat.ask(owner, await chat.thread(owner), 'Go on.')
      expect(reply.state).toBe('done')
      expectHarmless(reply.text)
      expectHarmless(reply.streamed)
      expect(reply.streamed).toBe(reply.text)
      expect(reply.text).toContain('Before.')
      expect(reply.text).toContain('After.')
    }
  })

  test('what is harmless arrives as it was said', async () => {
    const { owner } = chat.world.principals
    const text = [
      '# Heading',
      '`Code with <b> & [x](y)`, 3 < 4 > 2, a ! b. Ünïcödé 👩‍👩‍👧 done.',
      '```html\nif (a < b) { x[0](1) }\n```',
      '| a | b |\n| --- | --- |\n| 1 | 2 |',
    ].join('\n\n')
    chat.vendor.answer(() => inPieces(text, 2))
    const reply = await chat.ask(owner, await chat.thread(owner), 'Go on.')
    expect(reply.streamed).toBe(reply.text)
    for (const kept of [
      '# Heading',
      '`Code with <b> & [x](y)`',
      '3 < 4',
      'Ünïcödé 👩‍👩‍👧',
      'a < b',
      '| 1 | 2 |',
    ])
      expect(reply.text).toContain(kept)
  })

  test('the server fetched nothing of what was said', () => {
    expect(hits).toBe(0)
  })
})
