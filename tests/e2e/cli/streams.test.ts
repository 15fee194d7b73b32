import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mutate } from '../../support/http.ts'
import { addPerson, type LogIn, PASSWORD, type Person, textOf } from '../../support/people.ts'
import { type Home, installPlinth, logInWith, type PlinthCommand } from '../../support/plinth-command.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { startProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'

let server: TestServer
let command: PlinthCommand
let ada: Person & LogIn
let home: Home

beforeAll(async () => {
  const installing = installPlinth()
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' } })
  command = await installing
  ada = await addPerson(server, 'ada')
  home = await command.home(server.baseUrl)
  await logInWith(home, ada.email, PASSWORD)
})

afterAll(async () => {
  await command?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

async function newProject(slug: string): Promise<string> {
  const answer = await mutate(server.baseUrl, 'projects.create', { name: slug, slug }, { token: ada.token })
  return textOf(answer, 'id')
}

async function addTasks(projectId: string, ...titles: string[]): Promise<void> {
  for (const title of titles)
    await mutate(server.baseUrl, 'tasks.create', { projectId, title }, { token: ada.token })
}

/** The ids of events in lines of NDJSON, as far as lines are whole. */
function ids(out: string): string[] {
  const lines = out.split('\n').slice(0, -1)
  return lines.map((line) => textOf(JSON.parse(line), 'id'))
}

describe('streams', () => {
  test('events as lines, ended by Ctrl-C, gone on after the last one', async () => {
    const projectId = await newProject('interrupted')
    await addTasks(projectId, 'one')
    const watching = home.start(['tasks', 'on-change', projectId, '--last-event-id', '0'])
    await until('the first event', () => (ids(watching.out()).length === 1 ? true : undefined), 20_000)
    await addTasks(projectId, 'two')
    await until('the second event', () => (ids(watching.out()).length === 2 ? true : undefined), 20_000)
    watching.child.kill('SIGINT')
    expect(await watching.ended).toMatchObject({
      code: 130,
      err: 'Interrupted. To go on: --last-event-id 2\n',
    })
    await addTasks(projectId, 'three', 'four')
    const rest = await home.run(['tasks', 'on-change', projectId, '--last-event-id', '2', '--limit', '2'])
    expect(rest).toMatchObject({ code: 0, err: '' })
    expect(rest.rows()).toMatchObject([
      { id: '3', data: { type: 'task.created', task: { title: 'three' } } },
      { id: '4', data: { type: 'task.created', task: { title: 'four' } } },
    ])
  })

  test('a lost connection is mended, no event missing, none twice', async () => {
    const projectId = await newProject('cut')
    await using proxy = await startProxy(Number(new URL(server.baseUrl).port))
    const far = await command.home(proxy.baseUrl)
    await logInWith(far, ada.email, PASSWORD)
    const watching = far.start(['tasks', 'on-change', projectId, '--last-event-id', '0', '--limit', '4'])
    await addTasks(projectId, 'one', 'two')
    await until('two events', () => (ids(watching.out()).length === 2 ? true : undefined), 20_000)
    proxy.cutAll()
    await addTasks(projectId, 'three', 'four')
    expect((await watching.ended).code).toBe(0)
    expect(ids(watching.out())).toEqual(['1', '2', '3', '4'])
  })

  test('refusals come as of any call', async () => {
    const strange = await home.run(['tasks', 'on-change', '0199f3a0-5b7e-7cc3-9a1e-2f64c1f0a7d1'])
    expect(strange).toMatchObject({ code: 5, out: '' })
    expect(await home.run(['tasks', 'on-change', strange.out, '-o', 'table'])).toMatchObject({ code: 2 })
  })
})

test('Ctrl-C ends a call that waits', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = Object(silent.address())
  try {
    const calling = home.start(['whoami', '--base-url', `http://127.0.0.1:${port}`], {
      env: { PLINTH_API_KEY: 'pk_x' },
    })
    await until(
      'a connection',
      () =>
        new Promise<true | undefined>((resolve) =>
          silent.getConnections((_, count) => resolve(count > 0 ? true : undefined)),
        ),
      20_000,
    )
    calling.child.kill('SIGINT')
    expect(await calling.ended).toMatchObject({ code: 130, out: '' })
  } finally {
    silent.closeAllConnections()
    silent.close()
  }
})

describe('the contract', () => {
  test('is asked for once, then read from the disk', async () => {
    const asked: string[] = []
    const text = await (await fetch(`${server.baseUrl}/contract.json`)).text()
    await using stand = await standIn((url, etag) => {
      asked.push(`${url} ${etag ?? '-'}`)
      return text
    })
    const fresh = await command.home(stand.baseUrl)
    await fresh.run(['tasks', '--help'])
    await fresh.run(['tasks', 'list', '--help'])
    await fresh.run(['__complete', 'tasks', ''])
    expect(asked).toEqual(['/contract.json -'])
    // A word that is not known may be new there.
    await fresh.run(['tasks', 'newest'])
    expect(asked).toEqual(['/contract.json -', '/contract.json "one"'])
  })

  test('of a newer server: what is not known is said once, all else works', async () => {
    const contract = Object(JSON.parse(await (await fetch(`${server.baseUrl}/contract.json`)).text()))
    const [first] = contract.procedures
    const newer = {
      ...contract,
      format: 2,
      version: '99.0.0',
      galaxy: 'new',
      procedures: [
        ...contract.procedures.map((entry: object) => ({ ...entry, mood: { any: 'thing' } })),
        {
          ...first,
          path: 'tasks.archive',
          kind: 'query',
          input: { type: 'object', properties: { when: { type: 'moment', shape: 1 } } },
        },
        { ...first, path: 'tasks.beam', kind: 'teleport' },
      ],
    }
    await using stand = await standIn(() => JSON.stringify(newer))
    const older = await command.home(stand.baseUrl)
    const help = await older.run(['tasks', '--help'])
    expect(help.code).toBe(0)
    expect(help.out).toContain('archive')
    expect(help.out).not.toContain('beam')
    expect(help.err).toMatch(
      /^The server \(99\.0\.0\) uses something that this command \(\d.*\) does not know: .*@plinth\/client@99\.0\.0\n$/,
    )
    const again = await older.run(['tasks', 'archive', '--when', '"now"', '--dry-run'])
    expect(again).toMatchObject({ code: 0, err: 'Nothing was sent.\n' })
    expect(again.json()).toMatchObject({ procedure: 'tasks.archive', input: { when: 'now' } })
  })
})

interface StandIn extends AsyncDisposable {
  readonly baseUrl: string
}

/** A server that has nothing but a contract. */
async function standIn(
  contract: (url: string | undefined, etag: string | undefined) => string,
): Promise<StandIn> {
  const http = createServer((req, res) => {
    const text = contract(req.url, req.headers['if-none-match'])
    if (req.headers['if-none-match'] === '"one"') res.writeHead(304).end()
    else res.writeHead(200, { etag: '"one"', 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = Object(http.address())
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
