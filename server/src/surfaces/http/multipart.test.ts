import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import express from 'express'
import { expect, test } from 'vitest'
import { multipartSource } from './multipart.ts'

const TIMEOUT_MS = 200

test('a storage that takes longer than the body may is not the fault of the body', async () => {
  const app = express()
  app.post('/', async (req, res) => {
    const source = multipartSource(req, { timeoutMs: TIMEOUT_MS })
    const fields = await source.read(1_000, async ({ body }) => {
      for await (const chunk of body) expect(chunk.length).toBeGreaterThan(0)
      await pause(2 * TIMEOUT_MS)
    })
    res.json(fields)
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const form = new FormData()
    form.set('colour', 'red')
    form.set('file', new File(['some bytes'], 'a.txt'))
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: form })
    expect([answer.status, await answer.text()]).toEqual([200, '{"colour":"red"}'])
  } finally {
    server.close()
  }
})
