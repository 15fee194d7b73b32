import { jobsAtRest, type Snapshot, snapshot } from '../support/no-effect.ts'
import { withMeaning } from './meaning.ts'
import type { Finding, Surface, Trial } from './model.ts'
import { type Fault, faultsOfAnswer, faultsOfInput, faultsOfWire } from './oracle.ts'
import { faultsOfReadBack } from './read-back.ts'
import type { Figures } from './report.ts'
import { shrink } from './shrink.ts'
import type { Target } from './target.ts'
import { openWire, type Wire } from './wire.ts'

const PARALLEL = 12
/** Between two looks at all tables. */
const CHUNK = 400
/** A call that lost against others at once, or came while much was to do, may be tried again. */
const RETRIES = 3
const RETRY_MS = 100
/** Rounds of halving until the one input that had an effect is found. */
const HALVINGS = 12
/** Findings of each kind whose input is made smaller; and those kinds that one answer shows. A smaller input may be valid. */
const SHRUNK = 3
const ONE_ANSWER: ReadonlySet<Finding['bad']> = new Set([
  'serverErrors',
  'crashes',
  'leaks',
  'malformed',
  'amplified',
])

/** What the engine needs beside the trials. */
export interface EngineOptions {
  readonly target: Target
  readonly figures: Figures
  readonly hangMs?: number
  readonly parallel?: number
}

interface Numbered {
  readonly trial: Trial
  /** Its place among those of its class and surface. */
  readonly index: number
}

interface Outcome extends Numbered {
  /** Its `X-Request-Id`. */
  readonly traceId: string | undefined
  readonly ok: boolean
  /** Refused by what was sent, not by who sent it. */
  readonly refused: boolean
  readonly writes: boolean
  readonly faults: readonly Fault[]
}

/** Tries everything on one surface, judges each answer, and looks whether what was refused changed anything. */
export async function tryAll(
  { target, figures, hangMs, parallel = PARALLEL }: EngineOptions,
  surface: Surface,
  trials: readonly Trial[],
  only?: number,
): Promise<Finding[]> {
  using wire = openWire(target.baseUrl, parallel, hangMs)
  const findings: Finding[] = []
  const numbered = trials
    .map((trial, index) => ({ trial, index }))
    .filter((one) => only === undefined || one.index === only)
  const attempt = (one: Numbered, judged = true) =>
    attemptOne({ surface, wire, figures, findings }, one, judged)
  const look = async (): Promise<Snapshot> => {
    await jobsAtRest(target.database)
    return await snapshot(target.database)
  }
  for (let start = 0; start < numbered.length; start += CHUNK) {
    const chunk = numbered.slice(start, start + CHUNK)
    const [first] = chunk
    if (first === undefined) break
    const add = (bad: Finding['bad'], why: string, { trial, index }: Numbered = first) =>
      findings.push({ bad, surface: surface.name, why, trial, index })
    const before = await look()
    const outcomes = await inParallel(chunk, parallel, (one) => attempt(one))
    const refused = outcomes.flatMap((one) => (one?.refused === true ? [one] : []))
    const wrote = outcomes.some((one) => one?.ok === true && one.writes)
    // What was refused beside what was accepted is refused once more, alone.
    const alone = wrote ? refused.filter(({ writes }) => writes) : refused
    const changed = wrote
      ? await effectOf(alone, look, parallel, attempt)
      : changedTables(before, await look())
    if (changed.length > 0) {
      const culprit = await bisect(alone, look, parallel, attempt)
      // What nobody does again was written beside the calls: it is told and is no finding.
      if (culprit === undefined) figures.unrepeated.push(...changed)
      else add('effects', `${changed.join()} changed though it was refused`, culprit)
    }
    for (const { text, traceId } of target.errorLines.splice(0)) {
      add(
        'errorLines',
        text,
        outcomes.find((one) => one !== undefined && one.traceId === traceId),
      )
    }
    if (wasPolluted()) add('polluted', 'Object.prototype has changed', await whoPollutes(chunk, attempt))
    figures.sampleLoop()
  }
  return await shrunkOnes(findings, attempt)
}

/** The first few findings with the smallest input that does the same. */
async function shrunkOnes(findings: readonly Finding[], attempt: Again): Promise<Finding[]> {
  const seen = new Map<Finding['bad'], number>()
  const shrunk: Finding[] = []
  for (const finding of findings) {
    const { trial, index, bad } = finding
    const before = seen.get(bad) ?? 0
    seen.set(bad, before + 1)
    if (trial.kind === 'wire' || before >= SHRUNK || !ONE_ANSWER.has(bad)) {
      shrunk.push(finding)
      continue
    }
    const fails = async (input: unknown) => {
      const again = await attempt({ trial: { ...trial, input }, index }, false)
      return again?.faults.some((fault) => fault.bad === bad) === true
    }
    shrunk.push({ ...finding, trial: { ...trial, input: await shrink(trial.input, fails) } })
  }
  return shrunk
}

interface Attempt {
  readonly surface: Surface
  readonly wire: Wire
  readonly figures: Figures
  readonly findings: Finding[]
}

async function attemptOne(
  { surface, wire, figures, findings }: Attempt,
  one: Numbered,
  judged: boolean,
): Promise<Outcome | undefined> {
  const sent = withMeaning(surface, one.trial)
  if (sent === undefined) return undefined
  const { trial, request } = sent
  const answer = await patiently(() => wire.send(request), judged ? figures : undefined)
  const reading = surface.read(trial.kind === 'input' ? trial.entry : undefined, answer)
  const faults: Fault[] = faultsOfAnswer(trial, answer, reading)
  if (faults.length === 0) {
    faults.push(
      ...(trial.kind === 'input' ? faultsOfInput(trial, answer, reading) : faultsOfWire(trial, answer)),
    )
  }
  if (judged && faults.length === 0 && reading.ok && trial.kind === 'input') {
    faults.push(...(await faultsOfReadBack(surface, wire, trial, reading)))
  }
  if (judged) {
    figures.count(surface.name, trial, answer, reading)
    for (const fault of faults) findings.push({ ...fault, surface: surface.name, trial, index: one.index })
  }
  const writes = trial.kind === 'wire' || trial.entry.kind === 'mutation'
  const refused = isRefusal(trial, reading.status)
  return { ...one, traceId: answer.headers['x-request-id'], ok: reading.ok, refused, writes, faults }
}

/** A wrong password is refused, too, and counted; so what is about who calls is not looked at. */
function isRefusal(trial: Trial, status: number): boolean {
  if (trial.kind === 'input' && trial.entry.policy.access.who === 'public') return status === 400
  return status >= 400 && status < 500
}

async function patiently<T extends { status: number; headers: Readonly<Record<string, string>> }>(
  send: () => Promise<T>,
  figures: Figures | undefined,
): Promise<T> {
  let answer = await send()
  for (let turn = 0; turn < RETRIES && answer.status === 503 && 'retry-after' in answer.headers; turn += 1) {
    if (figures !== undefined) figures.shed += 1
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** turn))
    answer = await send()
  }
  return answer
}

type Again = (one: Numbered, judged: boolean) => Promise<Outcome | undefined>

/** The tables that those who are refused change, all together. */
async function effectOf(
  some: readonly Outcome[],
  look: () => Promise<Snapshot>,
  parallel: number,
  attempt: Again,
): Promise<string[]> {
  if (some.length === 0) return []
  const before = await look()
  const outcomes = await inParallel(some, parallel, (one) => attempt(one, false))
  const nowRight = outcomes.some((one) => one?.ok === true && one.writes)
  return nowRight ? [] : changedTables(before, await look())
}

/** The one of the refused that changes something, if it does so again. */
async function bisect(
  refused: readonly Outcome[],
  look: () => Promise<Snapshot>,
  parallel: number,
  attempt: Again,
): Promise<Outcome | undefined> {
  let suspects = refused
  for (let round = 0; round < HALVINGS && suspects.length > 1; round += 1) {
    const half = suspects.slice(0, Math.ceil(suspects.length / 2))
    suspects = (await effectOf(half, look, parallel, attempt)).length > 0 ? half : suspects.slice(half.length)
  }
  const [last] = suspects
  return last !== undefined && (await effectOf([last], look, 1, attempt)).length > 0 ? last : undefined
}

/** Whether something got into the prototype of all objects of this process, which is the server's; takes it out again. */
function wasPolluted(): boolean {
  const found = Reflect.get({}, 'polluted') !== undefined
  if (found) Reflect.deleteProperty(Object.prototype, 'polluted')
  return found
}

async function whoPollutes(chunk: readonly Numbered[], attempt: Again): Promise<Numbered | undefined> {
  for (const one of chunk) {
    await attempt(one, false)
    if (wasPolluted()) return one
  }
  return undefined
}

function changedTables(before: Snapshot, after: Snapshot): string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name])
}

/** Works through `items`, so many at a time; results in their order. */
async function inParallel<T, R>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next
      next += 1
      const item = items[index]
      if (item !== undefined) results[index] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker))
  return results
}
