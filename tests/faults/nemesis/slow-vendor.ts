import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../bench/support/statistics.ts'
import { faults } from '../../support/llm/faults.ts'
import type { Answer, Script } from '../../support/llm/script.ts'
import { MODEL_PATIENCE } from '../machine/fleet.ts'
import type { Person } from '../workload/people.ts'
import type { Fault, Stage } from './fault.ts'
import { expectNothingStuck } from './mid-reply.ts'
import { askAndFollow, registerAsker, untilState } from './replies.ts'

const FIRST_TOKEN_MS = Number(MODEL_PATIENCE.LLM_FIRST_TOKEN_TIMEOUT_MS)
const IDLE_MS = Number(MODEL_PATIENCE.LLM_IDLE_TIMEOUT_MS)
const TOLERANCE_MS = 1_000
const ENDED = ['done', 'failed', 'interrupted', 'stopped']
const PATIENCE_MS = 90_000
/** A request of somebody who does not ask models may become so much slower, beside those that hang. */
const SLOWER = { quick: { factor: 2, ms: 250 }, full: { factor: 1.2, ms: 20 } }
const LOOKS = 60

/** How a vendor is slow, and when we have had enough of it; undefined where that is the vendor's doing. */
const CASES: readonly { name: string; answer: () => Answer; leftAfterMs?: number }[] = [
  { name: 'silent before the headers', answer: faults.silence, leftAfterMs: FIRST_TOKEN_MS },
  {
    name: 'a byte a second',
    answer: () => faults.trickle('data: {"id":"', () => delay(1_000)),
    leftAfterMs: FIRST_TOKEN_MS,
  },
  { name: 'silent in the middle', answer: () => faults.stall(), leftAfterMs: IDLE_MS },
  { name: 'cut in the middle of a token', answer: faults.halfJson },
  { name: 'reset', answer: () => faults.reset(delay(200)) },
]

/** F12: a provider that takes its time, for one and for everybody. */
export const slowVendor: Fault = {
  id: 'F12',
  title: 'a provider that is slow, silent or cut off',
  together: true,
  async strike(stage) {
    const asker = await registerAsker(stage.fleet)
    const calm = await looks(asker)
    for (const one of CASES) await expectItEnds(stage, asker, one)
    await hangForAll(stage, calm)
    stage.fleet.vendor.answer(() => [{ text: 'Well again.' }])
    stage.whenQuiet(() => expectNothingStuck(stage))
  },
}

async function expectItEnds(
  { fleet, complain, note }: Stage,
  asker: Person,
  { name, answer, leftAfterMs }: (typeof CASES)[number],
): Promise<void> {
  fleet.vendor.answer(answer)
  const before = fleet.vendor.questions().length
  using reply = await askAndFollow(asker, name)
  const { reply: ended } = await untilState(reply, ENDED, PATIENCE_MS)
  if (ended.state !== 'failed') complain(`with a provider that is ${name} a reply is ${ended.state}`)
  const request = fleet.vendor.questions()[before]
  if (request === undefined) return complain(`a provider that is ${name} was never asked`)
  const took = (request.leftAt ?? Number.NaN) - request.at
  if (leftAfterMs !== undefined && !(Math.abs(took - leftAfterMs) <= TOLERANCE_MS))
    complain(`a provider that is ${name} was given ${Math.round(took)} ms, not ${leftAfterMs}`)
  note(`${name}: ${ended.state}${Number.isNaN(took) ? '' : ` after ${Math.round(took)} ms`}`)
}

/** Many ask at once and nobody gets an answer; those who only want their tasks do not notice. */
async function hangForAll({ fleet, pace, complain, note }: Stage, calm: number): Promise<void> {
  fleet.vendor.answer(silent)
  const people = await Promise.all(
    Array.from({ length: pace === 'full' ? 25 : 5 }, () => registerAsker(fleet)),
  )
  const replies = await Promise.all(
    people.flatMap((person) =>
      Array.from({ length: 4 }, (_, index) => askAndFollow(person, `Hang ${index}`)),
    ),
  )
  const [witness] = people
  if (witness === undefined) return
  const p99 = await looks(witness)
  const { factor, ms } = SLOWER[pace]
  note(
    `p99 of a list: ${Math.round(calm)} ms before, ${Math.round(p99)} ms beside ${replies.length} replies that hang`,
  )
  if (p99 > Math.max(calm * factor, calm + ms)) complain(`p99 of a list went from ${calm} to ${p99} ms`)
  for (const reply of replies) {
    await untilState(reply, ENDED, PATIENCE_MS)
    reply[Symbol.dispose]()
  }
}

const silent: Script = () => faults.silence()

/** p99 of an ordinary read, in milliseconds. */
async function looks({ client }: Person): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < LOOKS; count += 1) {
    const started = performance.now()
    await client.projects.list.query({})
    times.push(performance.now() - started)
  }
  return percentile(times, 0.99)
}
