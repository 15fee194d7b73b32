import { expect, test } from 'vitest'
import { eventsOf } from './events.ts'
import { linesOf } from './lines.ts'
import { mcpHeaders, messageIn } from './message.ts'

/** The bytes of `text`, `size` at a time. */
async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array, void> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

test.each([1, 2, 3, 7, 1_000])('lines are whole in pieces of %i bytes', async (size) => {
  const text = 'eins\n\nzwölf\r\n   \n🎈\nno end'
  expect(await all(linesOf(inPieces(text, size), 100))).toEqual(['eins', 'zwölf', '🎈', 'no end'])
})

test('a line that is too long is skipped, not kept', async () => {
  const text = `short\n${'x'.repeat(200)}\nnext\n${'y'.repeat(101)}`
  expect(await all(linesOf(inPieces(text, 10), 100))).toEqual(['short', undefined, 'next', undefined])
})

test.each([1, 2, 5, 1_000])('events are whole in pieces of %i bytes', async (size) => {
  const text =
    ': keepalive\n\nevent: message\ndata: {"a":1}\n\ndata: one\r\ndata:two\r\n\r\nid: 7\n\ndata: ü\r\n\r\n'
  expect(await all(eventsOf(inPieces(text, size)))).toEqual(['{"a":1}', 'one\ntwo', 'ü'])
})

test.each(['', '{', '7', 'null', '[]', '{"id":1}', '{"method":7}'])('%s is no message', (line) => {
  expect(messageIn(line)).toBeUndefined()
})

test('headers say what stands in the message, in characters that a header may have', () => {
  const call = (name: string) =>
    messageIn(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
      }),
    )
  const of = (name: string) =>
    mcpHeaders(call(name) ?? { id: 1, method: '', params: {}, body: {} }, undefined)
  expect(of('tasks_list')).toEqual({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'tasks_list',
  })
  for (const name of ['größe', ' a', 'a\r\nx: y', '=?base64?YQ==?='])
    expect(of(name)['mcp-name']).toBe(`=?base64?${Buffer.from(name).toString('base64')}?=`)
  const old = messageIn('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
  expect(old === undefined ? undefined : mcpHeaders(old, '2025-11-25')).toEqual({
    'mcp-protocol-version': '2025-11-25',
  })
})
