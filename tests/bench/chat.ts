import { setTimeout as delay } from 'node:timers/promises'
import { mutate } from '../support/http.ts'
import type { Script } from '../support/llm/script.ts'
import {
  COMPATIBLE_MODEL,
  startVendorServer,
  type VendorServer,
  vendorKey,
} from '../support/llm/vendor-server.ts'
import { textOf } from '../support/people.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { MEMORY_ARGS, readMemory } from './support/memory.ts'
import { from, type Person, registerPeople, succeeded } from './support/people.ts'
import { startPlinth } from './support/plinth.ts'
import { sdkPatience } from './support/sdk-patience.ts'
import type { ServerProcess } from './support/server-process.ts'
import { median, percentile, rounded } from './support/statistics.ts'

/** The first word of an answer through the whole server, beside the bare provider; and many answers at once. */
export const chat: Bench = {
  summary: 'time to the first token through the whole server beside the bare provider; 200 answers at once',
  run,
}

const WANTED_RATIO = 1.2
const WANTED_MORE_MS = 30
/** A provider that answers at once shows what the server adds; one that thinks, what that means. */
const THINKING_MS = [0, 300]
const WORDS = 60
const WORD_EVERY_MS = 100

interface Asked {
  readonly firstMs: number
  readonly text: string
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const [rounds, crowd] = quick ? [10, 20] : [60, 200]
  await using database = await createBenchDatabase()
  await using vendor = await startVendorServer()
  const variables = { ...vendor.variables('openai-compatible'), LLM_MAX_CALLS: '300' }
  await using server = await startPlinth({ databaseUrl: database.url, variables, nodeArgs: MEMORY_ARGS })
  const people = await registerPeople(server.baseUrl, Math.max(crowd, 10))

  const first: { thinkingMs: number; bareMs: number; plinthMs: number; plinthP99Ms: number }[] = []
  for (const thinkingMs of THINKING_MS) {
    vendor.answer(thinking(thinkingMs))
    const times = { bare: [] as number[], plinth: [] as number[] }
    for (let round = -5; round < rounds; round += 1) {
      const person = people[(round + 5) % people.length]
      if (person === undefined) throw new Error('Nobody is there')
      const bareMs = await askBare(vendor)
      const { firstMs } = await ask(server, person)
      if (round < 0) continue
      times.bare.push(bareMs)
      times.plinth.push(firstMs)
    }
    first.push({
      thinkingMs,
      bareMs: median(times.bare),
      plinthMs: median(times.plinth),
      plinthP99Ms: percentile(times.plinth, 0.99),
    })
  }
  const many = await askAtOnce(server, vendor, people.slice(0, crowd))
  return {
    tables: [
      {
        title: `Milliseconds to the first word, medians of ${rounds} in turns, PostgreSQL`,
        columns: ['provider thinks', 'bare provider', 'chat.send to first delta', 'more', 'p99'],
        rows: first.map(({ thinkingMs, bareMs, plinthMs, plinthP99Ms }) => [
          thinkingMs,
          rounded(bareMs, 1),
          rounded(plinthMs, 1),
          rounded(plinthMs - bareMs, 1),
          rounded(plinthP99Ms, 1),
        ]),
      },
      {
        title: `${crowd} answers at once, ${WORDS} words each, a word every ${WORD_EVERY_MS} ms`,
        columns: [
          'first word p50 ms',
          'first word p99 ms',
          'all after s',
          'kB a stream',
          'retried',
          'complete',
        ],
        rows: [
          [
            rounded(many.p50Ms, 0),
            rounded(many.p99Ms, 0),
            rounded(many.seconds, 1),
            rounded(many.kBPerStream, 0),
            many.retries,
            `${many.complete} of ${crowd}`,
          ],
        ],
      },
    ],
    notes: [
      'The provider is a stub in this process that speaks the format of OpenAI-compatible servers. Bare: one request to it,',
      'until the first word is read. Through Plinth: chat.send, then chat.stream until its first delta. No sources are searched.',
      'A call that is refused for load is made again as the SDK does it; "retried" counts those of the answers at once.',
    ],
    targets: first.map(({ thinkingMs, bareMs, plinthMs }) => ({
      name: `first word, a provider that thinks for ${thinkingMs} ms`,
      wanted: `≤ ${WANTED_RATIO} × bare or + ${WANTED_MORE_MS} ms`,
      measured: `${rounded(plinthMs, 1)} beside ${rounded(bareMs, 1)} ms`,
      met: plinthMs <= bareMs * WANTED_RATIO || plinthMs <= bareMs + WANTED_MORE_MS,
    })),
    data: { first, many },
  }
}

const thinking =
  (ms: number): Script =>
  () => [{ wait: delay(ms) }, { text: 'First ' }, { text: 'and more.' }]

async function askBare(vendor: VendorServer): Promise<number> {
  const started = performance.now()
  const response = await fetch(`${vendor.urls.compatible}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${vendorKey('compatible')}` },
    body: JSON.stringify({
      model: COMPATIBLE_MODEL,
      stream: true,
      messages: [{ role: 'user', content: 'How are you?' }],
    }),
  })
  return (await firstIn(response, 'First', started)).firstMs
}

/** Asks in a new thread, and reads the answer to its end. */
async function ask({ baseUrl }: ServerProcess, person: Person, patience = sdkPatience()): Promise<Asked> {
  const options = { token: person.token, headers: from(person) }
  const created = await patience.call(() => mutate(baseUrl, 'chat.threads.create', {}, options))
  const threadId = textOf(succeeded(created), 'id')
  const started = performance.now()
  const question = { threadId, text: 'How are you?' }
  const sent = await patience.call(() => mutate(baseUrl, 'chat.send', question, options))
  const input = encodeURIComponent(JSON.stringify({ replyId: textOf(succeeded(sent), 'replyId') }))
  const response = await patience.call(() =>
    fetch(`${baseUrl}/trpc/chat.stream?input=${input}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${person.token}`, ...from(person) },
    }),
  )
  return await firstIn(response, '"delta"', started)
}

/** When `sign` came first, and everything that came. */
async function firstIn(response: Response, sign: string, started: number): Promise<Asked> {
  const decoder = new TextDecoder()
  let text = ''
  let firstMs = Number.NaN
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (Number.isNaN(firstMs) && text.includes(sign)) firstMs = performance.now() - started
  }
  if (Number.isNaN(firstMs)) throw new Error(`${response.status}: ${text.slice(0, 500)}`)
  return { firstMs, text }
}

async function askAtOnce(server: ServerProcess, vendor: VendorServer, people: readonly Person[]) {
  vendor.answer(async function* () {
    for (let word = 0; word < WORDS; word += 1) {
      yield { wait: delay(WORD_EVERY_MS) }
      yield { text: `w${word} ` }
    }
  })
  const before = await readMemory(server.child)
  const started = performance.now()
  const patience = sdkPatience()
  const asking = Promise.all(people.map((person) => ask(server, person, patience)))
  await delay((WORDS * WORD_EVERY_MS) / 2)
  const during = await readMemory(server.child)
  const answers = await asking
  const times = answers.map(({ firstMs }) => firstMs)
  return {
    p50Ms: median(times),
    p99Ms: percentile(times, 0.99),
    seconds: (performance.now() - started) / 1_000,
    kBPerStream: (during.rss - before.rss) / 1_024 / people.length,
    retries: patience.retries(),
    complete: answers.filter(({ text }) => text.includes(`w${WORDS - 1}`) && text.includes('"done"')).length,
  }
}
