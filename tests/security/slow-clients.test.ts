import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk } from '../support/expect-clean.ts'
import { mutate, query } from '../support/http.ts'
import { addPerson, type LogIn, type Person, textOf } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { timed, until } from '../support/until.ts'

const CLIENTS = 30
/** Those that do not read make the server work for each. */
const READERS = 12
const ANSWERS = 15
const PATIENCE = { headersMs: 1_000, requestMs: 4_000, silenceMs: 4_000, lookMs: 200 }

let server: TestServer
let user: Person & LogIn

beforeAll(async () => {
  server = await startServer({ patience: PATIENCE })
  user = await addPerson(server)
})
afterAll(() => server[Symbol.asyncDispose]())

/** Opens connections and lets `speak` use each. */
function clients(count: number, speak: (socket: Socket) => void) {
  const { hostname, port } = new URL(server.baseUrl)
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.once('connect', () => speak(socket))
    return socket
  })
  return {
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Those of this test's own calls are kept open for a while. */
const FEW = 5

async function allAreThere(count: number): Promise<void> {
  await until('them', async () => ((await server.connections()) >= count ? true : undefined))
}

/** A client that does not read does not notice either, so the server is asked. */
async function allAreCut(withinMs: number): Promise<void> {
  await until(
    'all of them to be cut',
    async () => ((await server.connections()) <= FEW ? true : undefined),
    withinMs,
  )
}

async function othersAreServed(): Promise<void> {
  const { ms, answer } = await timed(() => query(server.baseUrl, 'users.me', undefined, user))
  expectOk(answer)
  expect(ms).toBeLessThan(5_000)
}

describe('T8 slow clients cannot hold the server', () => {
  test('bodies that come a byte now and then are cut in time', async () => {
    const timers: NodeJS.Timeout[] = []
    using _slow = clients(CLIENTS, (socket) => {
      socket.write(
        'POST /trpc/auth.login HTTP/1.1\r\nHost: plinth.test\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
      )
      socket.resume()
      timers.push(setInterval(() => socket.write(' '), 100))
    })
    await allAreThere(CLIENTS)
    await othersAreServed()
    await allAreCut(PATIENCE.requestMs + 5_000)
    for (const timer of timers) clearInterval(timer)
  })

  test('clients that do not read their answers are cut in time', async () => {
    const made = await mutate(server.baseUrl, 'projects.create', { name: 'P', slug: 'slow-read' }, user)
    const projectId = textOf(expectOk(made), 'id')
    const tasks = Array.from({ length: 100 }, (_, index) => ({
      title: `Task ${index}`,
      description: 'x'.repeat(5_000),
    }))
    expectOk(await mutate(server.baseUrl, 'tasks.createMany', { projectId, tasks }, user), { large: true })
    const input = encodeURIComponent(JSON.stringify({ projectId, limit: 100 }))
    const request = `GET /trpc/tasks.list?input=${input} HTTP/1.1\r\nHost: plinth.test\r\nAuthorization: Bearer ${user.token}\r\n\r\n`
    using _slow = clients(READERS, (socket) => {
      socket.pause()
      // Half a megabyte each: together more than the buffers between the two hold.
      let asked = 0
      const timer = setInterval(() => {
        socket.write(request)
        asked += 1
        if (asked === ANSWERS) clearInterval(timer)
      }, 100)
    })
    await allAreThere(READERS)
    await othersAreServed()
    await allAreCut(2 * PATIENCE.silenceMs + 15_000)
    await othersAreServed()
  })
})
