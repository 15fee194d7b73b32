import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createLlmRegistry } from '../../../server/src/platform/llm/index.ts'
import { createOutbound } from '../../../server/src/platform/outbound/index.ts'
import { testConfig } from '../../support/config.ts'
import { question } from '../../support/llm/providers.ts'

const PAGE = readFileSync(path.join(import.meta.dirname, '../../../docs/models.md'), 'utf8')

/** What the page shows under "A provider of your own", as a module that registers it with `application`. */
function documentedModule(baseUrl: string): string {
  const [, code = ''] = /### A provider of your own[\s\S]*?```ts\n([\s\S]*?)```/.exec(PAGE) ?? []
  const own = code.replaceAll('https://echo.example.com', baseUrl).replace(/^import .*$/m, '')
  const js = stripTypeScriptTypes(`export const register = (application) => {${own}}`)
  return `data:text/javascript,${encodeURIComponent(js)}`
}

test('the provider that docs/models.md shows is registered by one call, and answers', async () => {
  const keys: (string | undefined)[] = []
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization)
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => response.end(`You said ${body}`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const config = testConfig()
  const outbound = createOutbound(config.outbound)
  const llm = createLlmRegistry(config.llm, outbound)

  const { register } = await import(/* @vite-ignore */ documentedModule(`http://127.0.0.1:${port}`))
  register({ llm })
  expect(llm.list()).toContainEqual({
    name: 'echo',
    title: 'Echo',
    ownKey: 'key',
    configured: true,
    needsAddress: false,
  })
  const answer = await llm.get('echo')?.generate(question('any'))
  expect(answer).toMatchObject({ text: 'You said {"say":"How are you?"}', reason: 'stop' })
  expect(answer?.usage.outputTokens).toBeGreaterThan(5)
  const own = llm.withKey('echo', { apiKey: 'anns-key', userId: 'ann' })
  expect(await own?.isAvailable(AbortSignal.timeout(5_000))).toBe(true)
  await own?.generate(question('any'))
  expect(keys.filter((key) => key !== undefined)).toEqual(['Bearer a key of ours', 'Bearer anns-key'])
  await outbound.close()
  server.close()
})
