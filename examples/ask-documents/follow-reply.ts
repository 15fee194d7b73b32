import { createClient, memoryTokens } from '@plinth/client'

/**
 * `node follow-reply.ts <base-url> <reply-id>`, with an access token in PLINTH_TOKEN: prints every event of a reply as a
 * line of JSON, with its id. A program of its own, so that `ask.ts` has something to kill.
 */
const [baseUrl = '', replyId = ''] = process.argv.slice(2)
const accessToken = process.env.PLINTH_TOKEN ?? ''
const expiresAt = new Date(Date.now() + 600_000).toISOString()
const client = createClient({ baseUrl, tokens: memoryTokens({ accessToken, expiresAt }) })

for await (const event of client.chat.stream.subscribe({ replyId })) {
  process.stdout.write(`${JSON.stringify(event)}\n`)
  if (event.data.type === 'done' || event.data.type === 'error') break
}
