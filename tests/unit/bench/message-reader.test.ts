import { describe, expect, it } from 'vitest'
import { messageReader } from '../../bench/peers/message-reader.ts'

describe('the reader of what PostgreSQL sends', () => {
  // A row with a Z in it, the end of a command, and the state after it, twice.
  const one = [message('D', 'ZZ Z'), message('C', 'SELECT 1\0'), message('Z', 'I')]
  const sent = Buffer.concat([...one, ...one])

  it.each([1, 2, 5, 7, sent.length])('finds each message in pieces of %i bytes', (size) => {
    const found: string[] = []
    const read = messageReader((type) => found.push(type))
    for (let at = 0; at < sent.length; at += size) read(sent.subarray(at, at + size))
    expect(found.join('')).toBe('DCZDCZ')
  })
})

function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(4 + body.length)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)])
}
