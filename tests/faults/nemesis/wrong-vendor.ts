import { faults, VENDOR_SECRET } from '../../support/llm/faults.ts'
import type { Answer, EmbedScript } from '../../support/llm/script.ts'
import { until } from '../../support/until.ts'
import type { Person } from '../workload/people.ts'
import type { Fault, Stage } from './fault.ts'
import { expectNothingStuck } from './mid-reply.ts'
import { askAndFollow, registerAsker, untilState } from './replies.ts'

const ENDED = ['done', 'failed', 'interrupted', 'stopped']
const PATIENCE_MS = 90_000
const FAILURES = 20

const CASES: readonly { name: string; answer: () => Answer; reason: RegExp }[] = [
  { name: '429', answer: () => faults.tooManyRequests(), reason: /PROVIDER_RATE_LIMITED/ },
  {
    name: '429 with Retry-After',
    answer: () => faults.tooManyRequests('2'),
    reason: /PROVIDER_RATE_LIMITED/,
  },
  { name: 'HTML', answer: () => faults.html(), reason: /PROVIDER_BAD_ANSWER/ },
  { name: 'half JSON', answer: faults.halfJson, reason: /PROVIDER_(BAD_ANSWER|UNAVAILABLE)/ },
  { name: '50 MB', answer: () => faults.huge(), reason: /PROVIDER_BAD_ANSWER/ },
]

/** Vectors that no index should ever see. */
const VECTORS: readonly { readonly name: string; readonly embed: EmbedScript }[] = [
  { name: 'nan', embed: ({ texts }) => ({ vectors: texts.map(() => [1, Number.NaN]) }) },
  { name: 'infinite', embed: ({ texts }) => ({ vectors: texts.map(() => [1, Number.POSITIVE_INFINITY]) }) },
  { name: 'shrunken', embed: ({ texts }) => ({ vectors: texts.map(() => [0.6, 0.8]) }) },
  { name: 'missing', embed: () => ({ vectors: [] }) },
]

/** F13: a provider that answers nonsense. */
export const wrongVendor: Fault = {
  id: 'F13',
  title: 'a provider that answers nonsense, or only errors',
  together: true,
  async strike(stage) {
    const asker = await registerAsker(stage.fleet)
    for (const one of CASES) await expectTypedError(stage, asker, one)
    await expectUnderstanding(stage, asker)
    await expectBreaker(stage, asker)
    stage.fleet.vendor.embed((question, nth) => {
      const wrong = VECTORS.find(({ name }) => question.texts.some((text) => text.includes(name)))
      return wrong?.embed(question, nth) ?? { vectors: [] }
    })
    // At once, as each of them is tried again for a while.
    await Promise.all(VECTORS.map(({ name }) => expectNothingHalfIndexed(stage, asker, name)))
    stage.fleet.vendor.embedAsUsual()
    stage.whenQuiet(() => expectNothingStuck(stage))
  },
}

async function expectTypedError(
  { fleet, complain }: Stage,
  asker: Person,
  { name, answer, reason }: (typeof CASES)[number],
): Promise<void> {
  fleet.vendor.answer(answer)
  using reply = await askAndFollow(asker, name)
  const { reply: ended } = await untilState(reply, ENDED, PATIENCE_MS)
  await until('the stream has ended', () => reply.end(), PATIENCE_MS)
  const told = `${JSON.stringify(ended)} ${reply.end()}`
  if (ended.state !== 'failed' || !reason.test(told)) complain(`${name}: a reply is ${told.slice(0, 500)}`)
  if (told.includes(VENDOR_SECRET)) complain(`${name}: what the provider said was passed on`)
}

async function expectUnderstanding({ fleet, complain }: Stage, asker: Person): Promise<void> {
  fleet.vendor.answer(() => faults.unknownFields('Understood.'))
  using reply = await askAndFollow(asker, 'unknown fields')
  const { reply: ended } = await untilState(reply, ENDED, PATIENCE_MS)
  if (ended.text !== 'Understood.') complain(`with unknown fields a reply is ${ended.state}: "${ended.text}"`)
}

/** It is left alone after a while, and asked again when it may be well. */
async function expectBreaker({ fleet, complain, note }: Stage, asker: Person): Promise<void> {
  fleet.vendor.answer(() => faults.status(500))
  const before = fleet.vendor.questions().length
  for (let count = 0; count < FAILURES; count += 1) {
    using reply = await askAndFollow(asker, `500, ${count}`)
    const { reply: ended } = await untilState(reply, ENDED, PATIENCE_MS)
    if (ended.state !== 'failed') complain(`with errors only a reply is ${ended.state}`)
  }
  const asked = fleet.vendor.questions().length - before
  note(`${FAILURES} replies failed, the provider was asked ${asked} times`)
  if (asked >= FAILURES) complain('no breaker opened')
  fleet.vendor.answer(() => [{ text: 'Well again.' }])
  const well = async (): Promise<true | undefined> => {
    using reply = await askAndFollow(asker, 'Are you well?')
    const { reply: ended } = await untilState(reply, ENDED, PATIENCE_MS)
    return ended.state === 'done' ? true : undefined
  }
  await until('the breaker closes', well, PATIENCE_MS).catch((error) => complain(String(error)))
}

/** A document whose vectors are no vectors says that it failed, and why; nothing of it is found. */
async function expectNothingHalfIndexed(
  { complain, expectDead }: Stage,
  { client }: Person,
  name: string,
): Promise<void> {
  const base = await client.knowledgeBases.create.mutate({ name: `Vectors ${name}` })
  const file = new File(
    [`# Otters\n\n${`The otters of the ${name} river hold hands. `.repeat(100)}`],
    'otters.md',
  )
  const { document, jobId } = await client.documents.upload.mutate({ knowledgeBaseId: base.id, file })
  expectDead(jobId)
  const failed = await until(
    `a document with ${name} vectors has failed`,
    async () => {
      const now = await client.documents.get.query({ id: document.id })
      return now.status === 'processing' ? undefined : now
    },
    PATIENCE_MS,
  )
  if (failed.status !== 'failed' || failed.error === null)
    complain(`a document with ${name} vectors is ${failed.status}: ${failed.error}`)
  const { hits } = await client.knowledgeBases.search.query({
    query: 'otters',
    knowledgeBaseIds: [base.id],
    mode: 'text',
  })
  if (hits.length > 0) complain(`a document with ${name} vectors is found`)
}
