import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeRouter } from '../../server/src/commands/support/describe-router.ts'
import { exampleInput } from '../../server/src/contract/example-input.ts'
import { registryOf, takesFile } from '../../server/src/contract/registry.ts'
import type { MediaType, OpenApiDocument } from '../../server/src/surfaces/openapi/document.ts'
import type { RestRoute } from '../../server/src/surfaces/rest/route.ts'
import { restRoutes } from '../../server/src/surfaces/rest/route-table.ts'
import { examples } from '../support/examples/index.ts'
import { streamEvents } from '../support/examples/stream-events.ts'
import { openApiJudge } from '../support/openapi.ts'
import { newAddress } from '../support/people.ts'
import { weakestAllowed } from '../support/principals.ts'
import { type RestAnswer, rest } from '../support/rest.ts'
import { createWorld, type World } from '../support/world.ts'

const file = new URL('../../docs/reference/openapi.json', import.meta.url)
const document: OpenApiDocument = JSON.parse(readFileSync(file, 'utf8'))
const judge = openApiJudge(document)
const routes = restRoutes(registryOf(await describeRouter()))
const calls = routes.filter(({ entry }) => entry.kind !== 'subscription')

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

/** Values of a schema's example that only one row or person has: what the world made stands for them. */
const OF_ONE = /^(provider|id|ids|\w+Ids?|email|slug|token|refreshToken|password|currentPassword|flag)$/

/** The example of the document with the ids and secrets of `real`, where both have them. */
function realised(example: unknown, real: unknown): Record<string, unknown> {
  const fields = Object.entries(isRecord(example) ? example : {})
  return Object.fromEntries(
    fields.map(([name, value]) => {
      const own = isRecord(real) ? real[name] : undefined
      if (own instanceof File) return [name, own]
      if (isRecord(value) && isRecord(own)) return [name, realised(value, own)]
      return [name, own !== undefined && OF_ONE.test(name) ? own : value]
    }),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface Sent {
  readonly input: unknown
  readonly token?: string | undefined
}

async function send({ method, path, queryFields, body, bodyFields }: RestRoute, { input, token }: Sent) {
  const fields = isRecord(input) ? input : {}
  const search = new URLSearchParams()
  for (const name of queryFields) {
    for (const value of [fields[name]].flat()) if (value !== undefined) search.append(name, String(value))
  }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_braces, name: string) =>
    encodeURIComponent(String(fields[name])),
  )
  const sent = Object.fromEntries(bodyFields.map((name) => [name, fields[name]]))
  const form = new FormData()
  for (const [name, value] of Object.entries(sent)) {
    if (value instanceof File) form.append(name, value)
    else if (value !== undefined) form.append(name, String(value))
  }
  return rest(world.server.baseUrl, `${method} ${filled}${search.size > 0 ? `?${search}` : ''}`, {
    token,
    headers: newAddress(),
    ...(body === 'fields' ? { json: sent } : {}),
    ...(body === 'data' ? { json: fields.data } : {}),
    ...(body === 'multipart' ? { body: form } : {}),
  })
}

function idOf({ entry }: RestRoute): string {
  return entry.path.replaceAll('.', '_')
}

function expectDocumented(route: RestRoute, answer: RestAnswer): void {
  expect(judge.problemsOfAnswer(idOf(route), answer), answer.text.slice(0, 600)).toEqual([])
}

describe('an operation answers its example as the document says', () => {
  test.each(calls.map((route) => [route.entry.path, route] as const))('%s', async (path, route) => {
    const caller = weakestAllowed(route.entry.policy)
    const { input: real, as } = (await examples[path]?.(world, caller)) ?? { input: undefined }
    const token = as ?? world.principals[caller].token
    const answer = await send(route, { input: realised(exampleInput(route.entry), real), token })
    expect(answer.status, answer.text.slice(0, 600)).toBe(route.status)
    expectDocumented(route, answer)
  })
})

describe('a stream sends the events that the document says', () => {
  test.each(Object.entries(streamEvents))('%s', async (path, happen) => {
    const route = routes.find(({ entry }) => entry.path === path)
    if (route === undefined) throw new Error(`There is no ${path}`)
    const { input } = (await examples[path]?.(world, 'owner')) ?? { input: undefined }
    const fields = isRecord(input) ? input : {}
    const address = route.path.replaceAll(/\{(\w+)\}/g, (_braces, name: string) => String(fields[name]))
    const controller = new AbortController()
    const response = await fetch(`${world.server.baseUrl}/api/v1${address}`, {
      headers: { authorization: `Bearer ${world.principals.owner.token}` },
      signal: controller.signal,
    })
    const event = firstEvent(response)
    await happen(world, 'owner')
    const answer = { status: response.status, headers: response.headers, body: await event }
    controller.abort()
    expect(judge.problemsOfAnswer(idOf(route), answer)).toEqual([])
  })
})

/** The data of the first event of a stream. */
async function firstEvent(response: Response): Promise<unknown> {
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const [, data] = /^data: (.+)$/m.exec(text) ?? []
    if (data !== undefined && text.endsWith('\n\n')) return JSON.parse(data)
  }
  throw new Error(`The stream ended: ${text}`)
}

describe('so do refusals', () => {
  test.each(calls.map((route) => [route.entry.path, route] as const))('%s', async (_path, route) => {
    const { entry } = route
    const owner = world.principals.owner.token
    // Whoever is nobody, a key that is no key, an input that is none, rows that are not there.
    expectDocumented(route, await send(route, { input: exampleInput(entry) }))
    expectDocumented(route, await send(route, { input: exampleInput(entry), token: 'nonsense' }))
    // What takes nothing cannot be sent wrongly; it would log the owner out.
    if (entry.input !== null) {
      expectDocumented(route, await send(route, { input: { id: 'x', data: 1 }, token: owner }))
    }
    if (takesFile(entry) || entry.policy.scope === 'session') return
    expectDocumented(route, await send(route, { input: exampleInput(entry), token: owner }))
    expectDocumented(
      route,
      await send(route, { input: exampleInput(entry), token: world.principals.narrowKey.token }),
    )
  })
})

test('the judge sees what is not as the document says', async () => {
  const { taskId } = world.alpha
  const answer = await rest(world.server.baseUrl, `GET /tasks/${taskId}`, {
    token: world.principals.owner.token,
  })
  const problems = (change: object, status = 200) =>
    judge.problemsOfAnswer('tasks_get', { ...answer, status, body: { ...Object(answer.body), ...change } })
  expect(problems({})).toEqual([])
  expect(problems({ secret: 1 })).toHaveLength(1)
  expect(problems({ createdAt: 'yesterday' })).toHaveLength(1)
  expect(problems({ status: 'open', title: null })).toHaveLength(2)
  expect(problems({}, 201)).toEqual(['201 is not documented'])
  expect(judge.problemsOfAnswer('tasks_get', { ...answer, headers: new Headers() })).toHaveLength(5)
})

describe('the document is sound in itself', () => {
  test('it has every operation, under a name that is an identifier', () => {
    expect(judge.operations.map(({ address }) => address).sort()).toEqual(
      routes.map(({ method, path }) => `${method.toLowerCase()} ${path}`).sort(),
    )
    for (const { operation } of judge.operations) expect(operation.operationId).toMatch(/^[A-Za-z]\w*$/)
  })

  test('its examples are what its schemas ask for', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const contents: [place: string[], content: Readonly<Record<string, MediaType>>][] = [
          [['requestBody'], operation.requestBody?.content ?? {}],
          ...Object.entries(operation.responses).map(
            ([status, response]): [string[], Readonly<Record<string, MediaType>>] => [
              ['responses', status],
              ('content' in response ? response.content : undefined) ?? {},
            ],
          ),
        ]
        for (const [place, content] of contents) {
          for (const [type, { example }] of Object.entries(content)) {
            if (example === undefined) continue
            const at = ['paths', path, method, ...place, 'content', type, 'schema']
            expect(judge.problemsAt(at, example), at.join(' ')).toEqual([])
          }
        }
      }
    }
  })

  test('every operation is written for every way of calling it has', () => {
    for (const { operation } of judge.operations) {
      const labels = operation['x-codeSamples'].map(({ label }) => label)
      expect(labels.slice(0, 2)).toEqual(['SDK', 'curl'])
    }
    const list = judge.operations.find(({ operation }) => operation.operationId === 'tasks_update')
    expect(list?.operation['x-codeSamples']).toMatchInlineSnapshot(`
      [
        {
          "label": "SDK",
          "lang": "TypeScript",
          "source": "const answer = await client.tasks.update.mutate({
        id: "00000000-0000-4000-8000-0ebb429fa86d",
        data: {
          title: "Write the launch notes"
        }
      })",
        },
        {
          "label": "curl",
          "lang": "Shell",
          "source": "curl -X PATCH 'http://localhost:4000/api/v1/tasks/00000000-0000-4000-8000-0ebb429fa86d' \\
        -H "Authorization: Bearer $PLINTH_TOKEN" \\
        -H 'Content-Type: application/json' \\
        -d '{"title":"Write the launch notes"}'",
        },
        {
          "label": "Command line",
          "lang": "Shell",
          "source": "plinth tasks update --id 00000000-0000-4000-8000-0ebb429fa86d --data.title 'Write the launch notes'",
        },
        {
          "label": "MCP",
          "lang": "JSON",
          "source": "{
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
          "name": "tasks_update",
          "arguments": {
            "id": "00000000-0000-4000-8000-0ebb429fa86d",
            "data": {
              "title": "Write the launch notes"
            }
          }
        }
      }",
        },
      ]
    `)
  })
})
