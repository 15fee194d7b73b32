import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLlmRegistry } from '../../server/src/platform/llm/index.ts'
import { createOutbound, type OutboundOptions } from '../../server/src/platform/outbound/index.ts'
import { testConfig } from '../support/config.ts'
import { question } from '../support/llm/providers.ts'

// L1: addresses that users give cannot reach inside. Nothing may reach these; what they say may not come back.
const CANARY = 'canary-8c1f says hello'
const hits: string[] = []
let canaries: readonly Canary[]
/** The port of both. */
let port: number

interface Canary {
  readonly host: string
  readonly server: Server
}

beforeAll(async () => {
  const four = await listen('127.0.0.1', 0)
  const address = four.server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  const six = await listen('::1', port).catch(() => undefined)
  canaries = six === undefined ? [four] : [four, six]
})
afterAll(() => {
  for (const { server } of canaries) server.close()
})
beforeEach(() => hits.splice(0))

/** Notes every connection, not only every request: finding an open port is something gained. */
async function listen(host: string, at: number): Promise<Canary> {
  const server = createServer((_request, response) => response.end(CANARY))
  server.on('connection', () => hits.push(host))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, host, resolve)
  })
  return { host, server }
}

const OPTIONS: OutboundOptions = {
  httpsOnly: false,
  privateHosts: [],
  connectTimeoutMs: 500,
  headersTimeoutMs: 1_000,
  idleTimeoutMs: 1_000,
}

const WRITTEN = [
  'http://127.0.0.1',
  'http://[::1]',
  'http://0x7f.1',
  'http://2130706433',
  'http://0177.0.0.1',
  'http://127.1',
  'http://[::ffff:7f00:1]',
  'http://[::ffff:127.0.0.1]',
  'http://[64:ff9b::7f00:1]',
  'http://[::127.0.0.1]',
  'http://[::]',
  'http://0.0.0.0',
  'http://0',
  'http://localhost',
  'http://localhost.',
  'http://LOCALHOST',
  'http://a.localhost',
  'http://10.0.0.1',
  'http://169.254.169.254',
  'http://[fd00:ec2::254]',
  'http://[fe80::1]',
  'http://100.64.0.1',
  'http://192.168.1.1',
  'http://224.0.0.1',
  'http://metadata.google.internal',
  'http://database',
  'http://①②⑦.⓪.⓪.①',
]

describe('an address that a user gives', () => {
  test.each(WRITTEN)('%s is refused, and nothing is sent', async (origin) => {
    const outbound = createOutbound(OPTIONS)
    expect(await outbound.problemOf(`${origin}:${port}/v1`)).toBe('Must be on the public internet.')
    await expect(outbound.userFetch(`${origin}:${port}/v1`)).rejects.toMatchObject({
      cause: { name: 'UnsafeAddressError' },
    })
    expect(hits).toEqual([])
    await outbound.close()
  })

  test.each([
    ['file:///etc/passwd', 'Must start with https://.'],
    ['gopher://127.0.0.1:70/', 'Must start with https://.'],
    ['ftp://example.com/', 'Must start with https://.'],
    ['javascript:alert(1)', 'Must start with https://.'],
    ['https://user@127.0.0.1/', 'Must not hold a user name or a password.'],
    ['https://api.openai.com@127.0.0.1/', 'Must not hold a user name or a password.'],
    ['https://user:word@models.example.com/', 'Must not hold a user name or a password.'],
    ['https://models.example.com/v1?key=1', 'Must end with its path: without ? and #.'],
    ['https://models.example.com/v1#a', 'Must end with its path: without ? and #.'],
    ['models.example.com', 'Must be an address such as https://models.example.com/v1.'],
  ])('%s is refused in words', async (url, problem) => {
    const outbound = createOutbound(OPTIONS)
    expect(await outbound.problemOf(url)).toBe(problem)
    await outbound.close()
  })

  test('is not too long', async () => {
    const outbound = createOutbound(OPTIONS)
    const url = `https://models.example.com/${'a'.repeat(2_000)}`
    expect(await outbound.problemOf(url)).toBe('Must have at most 2000 characters.')
    await outbound.close()
  })

  test('needs https in production', async () => {
    const { outbound: options } = testConfig({
      NODE_ENV: 'production',
      BCRYPT_COST: '10',
      PUBLIC_URL: 'https://plinth.example.com',
    })
    const outbound = createOutbound(options, async () => ['93.184.215.14'])
    expect(await outbound.problemOf('http://models.example.com/v1')).toBe('Must start with https://.')
    expect(await outbound.problemOf('https://models.example.com/v1')).toBeUndefined()
    await outbound.close()
  })
})

describe('a name', () => {
  test('that leads inside is refused when it is given, and when it is used', async () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254']) {
      const outbound = createOutbound(OPTIONS, async () => ['93.184.215.14', address])
      expect(await outbound.problemOf('http://models.example.com')).toBe('Must be on the public internet.')
      await expect(outbound.userFetch(`http://models.example.com:${port}`)).rejects.toThrow()
      await outbound.close()
    }
    expect(hits).toEqual([])
  })

  test('that leads outside when it is checked and inside when it is used reaches nothing', async () => {
    let asked = 0
    const outbound = createOutbound(OPTIONS, async () => {
      asked += 1
      return [asked === 1 ? '93.184.215.14' : '127.0.0.1']
    })
    const url = `http://models.example.com:${port}/v1`
    expect(await outbound.problemOf(url)).toBeUndefined()
    await expect(outbound.userFetch(url)).rejects.toMatchObject({ cause: { name: 'UnsafeAddressError' } })
    expect(asked).toBe(2)
    expect(hits).toEqual([])
    await outbound.close()
  })

  test('that leads nowhere now is no problem of the address', async () => {
    const outbound = createOutbound(OPTIONS, async () => {
      throw new Error('no such name')
    })
    expect(await outbound.problemOf('http://models.example.com')).toBeUndefined()
    await outbound.close()
  })
})

describe('what the operator allows', () => {
  test('is reached, also in production without https, and nothing beside it', async () => {
    const outbound = createOutbound({ ...OPTIONS, httpsOnly: true, privateHosts: ['127.0.0.1'] })
    expect(await outbound.problemOf(`http://127.0.0.1:${port}`)).toBeUndefined()
    expect(await (await outbound.userFetch(`http://127.0.0.1:${port}`)).text()).toBe(CANARY)
    expect(await outbound.problemOf(`http://[::1]:${port}`)).toBeDefined()
    await outbound.close()
  })

  test('is not left by a redirect', async () => {
    const sender = createServer((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end('moved')
    })
    await new Promise<void>((resolve) => sender.listen(0, '127.0.0.1', resolve))
    const address = sender.address()
    const from = typeof address === 'object' && address !== null ? address.port : 0
    const outbound = createOutbound({ ...OPTIONS, privateHosts: ['127.0.0.1'] })
    for (const fetch of [outbound.userFetch, outbound.operatorFetch]) {
      const response = await fetch(`http://127.0.0.1:${from}`)
      expect(response.status).toBe(302)
      expect(await response.text()).toBe('moved')
    }
    expect(hits).toEqual([])
    await outbound.close()
    sender.close()
  })
})

test('a model of a user’s own at such an address is refused, and its answer never told', async () => {
  const config = testConfig()
  const outbound = createOutbound(config.outbound, async () => ['127.0.0.1'])
  const registry = createLlmRegistry(config.llm, outbound)
  for (const origin of [...WRITTEN.slice(0, 14), 'http://models.example.com']) {
    const baseUrl = `${origin}:${port}/v1`
    const provider = registry.withKey('openai-compatible', { apiKey: 'k', baseUrl, userId: 'ann' })
    await expect(provider?.generate(question('stub'))).rejects.toMatchObject({
      failure: 'rejected',
      message: 'openai-compatible: refused the request.',
    })
    expect(await provider?.isAvailable(AbortSignal.timeout(1_000))).toBe(false)
  }
  expect(hits).toEqual([])
  await outbound.close()
})
