import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import express from 'express'
import { expect, it } from 'vitest'
import { readBody } from '../../../server/src/surfaces/http/body.ts'
import { until } from '../../support/until.ts'

const LARGE = 90_000

async function listen(room: number) {
  const app = express()
  app.use(readBody(100_000, undefined, room))
  app.use((req, res) => void res.json({ length: req.body.length }))
  const server = createServer(app)
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(Number(Object(server.address()).port)))
  })
  return {
    post: (length: number) =>
      fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x'.repeat(length) }).then(
        (answer) => answer.status,
      ),
    /** Begins a body and leaves it at that; tells what comes back. */
    begin() {
      const socket = connect(port, '127.0.0.1')
      const answer = { socket, text: '' }
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        answer.text += String(chunk)
      })
      socket.write(
        `POST / HTTP/1.1\r\nHost: plinth.test\r\nContent-Length: ${LARGE + 1}\r\n\r\n${'x'.repeat(LARGE)}`,
      )
      return answer
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

it('keeps large bodies that do not end within one room, and reads small ones all the same', async () => {
  await using server = await listen(60_000)
  const begun: { socket: Socket; text: string }[] = []
  for (let count = 0; count < 5; count += 1) begun.push(server.begin())
  const refused = () => begun.filter(({ text }) => text.startsWith('HTTP/1.1 503'))
  await until('three to be refused', () => (refused().length === 3 ? true : undefined))
  expect(refused()[0]?.text).toMatch(/Retry-After: \d[\s\S]*"OVERLOADED"/i)
  expect(await server.post(LARGE)).toBe(503)
  expect(await server.post(60_000)).toBe(200)
  for (const { socket } of begun) socket.destroy()
  await until('room', async () => ((await server.post(LARGE)) === 200 ? true : undefined))
  // What was answered left nothing behind.
  for (let count = 0; count < 5; count += 1) expect(await server.post(LARGE)).toBe(200)
})
