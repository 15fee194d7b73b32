import { expect, test } from 'vitest'
import { faults, VENDOR_SECRET } from '../../support/llm/faults.ts'
import { promptOf } from '../../support/llm/script.ts'
import { COMPATIBLE_MODEL, startVendorServer, vendorKey } from '../../support/llm/vendor-server.ts'
import { until } from '../../support/until.ts'

const TURN = { role: 'user', content: 'Is it raining in Bergen?' }

function post(url: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${vendorKey('compatible')}` },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })
}

test('it keeps what was asked, with which key, and answers as told', async () => {
  await using vendor = await startVendorServer()
  vendor.answer(({ messages }) => [{ text: `Asked: ` }, { text: messages.at(-1)?.text ?? '' }])
  const answer = await post(`${vendor.urls.compatible}/chat/completions`, {
    model: COMPATIBLE_MODEL,
    messages: [TURN],
    stream: true,
  })
  const text = await answer.text()
  expect(text).toContain('"content":"Asked: "')
  expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
  const [asked] = vendor.questions()
  expect(asked?.key).toBe(vendorKey('compatible'))
  expect(asked === undefined ? '' : promptOf(asked.question)).toContain('Bergen')
  expect(asked?.ended).toBe(true)
})

test('it notices that a client leaves, also one that would be answered for ever', async () => {
  await using vendor = await startVendorServer()
  for (const fault of [faults.silence, faults.stall, faults.endless]) {
    vendor.answer(() => fault())
    const leaving = new AbortController()
    const count = vendor.requests.length
    const answer = post(
      `${vendor.urls.compatible}/chat/completions`,
      { model: COMPATIBLE_MODEL, messages: [TURN], stream: true },
      leaving.signal,
    )
    await until('the question is there', () => (vendor.requests.length > count ? true : undefined))
    leaving.abort()
    await answer.then((response) => response.text()).catch(() => undefined)
    await until('the vendor knows', () => vendor.requests.at(-1)?.leftAt, 2_000)
  }
})

test('what is no question is refused as the vendor would, and what is wrong with it is wrong', async () => {
  await using vendor = await startVendorServer()
  const empty = await post(`${vendor.urls.anthropic}/messages`, { model: 'm', messages: [] })
  expect(empty.status).toBe(400)
  expect((await post(`${vendor.urls.openai}/unknown`, {})).status).toBe(404)
  vendor.answer(() => faults.tooManyRequests('7'))
  const busy = await post(`${vendor.urls.openai}/chat/completions`, { model: 'm', messages: [TURN] })
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7'])
  expect(await busy.text()).toContain(VENDOR_SECRET)
  vendor.embed(() => ({ vectors: [[1, Number.NaN, Number.POSITIVE_INFINITY]] }))
  const vectors = await post(`${vendor.urls.openai}/embeddings`, { model: 'm', input: ['a'] })
  expect(await vectors.text()).toContain('"embedding":[1,NaN,1e999]')
})
