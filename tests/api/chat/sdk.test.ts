import { createClient, memoryTokens } from '@plinth/client'
import { expect, test } from 'vitest'
import { chatSite } from './chat-site.ts'

/** The example of docs/chat.md. */
test('a conversation through the SDK: typed events, in order, to the end', async () => {
  await using site = await chatSite()
  const ada = await site.person()
  const [passage] = await site.base(ada, ['The bearings are greased every 2,000 hours.'])
  site.model.answer(() => [{ text: 'Every 2,000' }, { text: ' hours [1].' }])
  const expiresAt = new Date(Date.now() + 600_000).toISOString()
  const tokens = memoryTokens({ accessToken: ada.token, refreshToken: ada.refreshToken, expiresAt })
  const client = createClient({ baseUrl: site.server.baseUrl, tokens })

  const thread = await client.chat.threads.create.mutate({
    knowledgeBaseIds: [passage?.knowledgeBaseId ?? ''],
  })
  const text = 'How often are the bearings greased?'
  const { replyId } = await client.chat.send.mutate({ threadId: thread.id, text })
  let answer = ''
  const cited: (string | undefined)[] = []
  const kinds = new Set<string>()
  for await (const { data } of client.chat.stream.subscribe({ replyId })) {
    kinds.add(data.type)
    if (data.type === 'delta') answer += data.text
    if (data.type === 'citation') cited.push(data.title)
  }
  expect(answer).toBe('Every 2,000 hours [1].')
  expect(cited).toEqual(['Manual.pdf'])
  expect([...kinds].at(-1)).toBe('done')
  const { data } = await client.chat.messages.list.query({ threadId: thread.id })
  expect(data.map((message) => message.role)).toEqual(['assistant', 'user'])
})
