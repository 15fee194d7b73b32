import { expectOk } from '../expect-clean.ts'
import { field, mutate, query } from '../http.ts'
import { textOf } from '../people.ts'
import { until } from '../until.ts'
import type { Caller } from './chat-world.ts'

/** A call of a tool as `agents.runs.get` shows it. */
export interface SeenCall {
  readonly id: string
  readonly tool: string
  readonly input: unknown
  readonly state: string
  readonly result: string | null
}

/** A run as it stands. */
export interface SeenRun {
  readonly id: string
  readonly state: string
  readonly calls: readonly SeenCall[]
  /** All of it. */
  readonly text: string
}

const RUN_MS = 30_000

/** Makes an agent and starts it; does not wait. @returns the run's id */
export async function startRun(
  baseUrl: string,
  who: Caller,
  agent: Readonly<Record<string, unknown>>,
  input: string,
): Promise<string> {
  const as = { token: who.token }
  const made = expectOk(
    await mutate(
      baseUrl,
      'agents.create',
      { name: 'Obedient', instructions: 'Do what is asked.', ...agent },
      as,
    ),
  )
  const run = expectOk(await mutate(baseUrl, 'agents.run', { agentId: textOf(made, 'id'), input }, as))
  return textOf(run, 'runId')
}

/** Waits until a run has ended or waits for a person. */
export async function restingRun(baseUrl: string, who: Caller, id: string): Promise<SeenRun> {
  return await until(
    'the run has ended or waits',
    async () => {
      const run = await readRun(baseUrl, who, id)
      return run.state === 'queued' || run.state === 'running' ? undefined : run
    },
    RUN_MS,
  )
}

/** Agrees to, or refuses, every call that waits, until the run has ended. */
export async function decideAll(
  baseUrl: string,
  who: Caller,
  id: string,
  approve: boolean,
): Promise<SeenRun> {
  for (;;) {
    const run = await restingRun(baseUrl, who, id)
    if (run.state !== 'waiting') return run
    for (const call of run.calls.filter(({ state }) => state === 'waiting')) {
      const input = { id, callId: call.id, approve }
      expectOk(await mutate(baseUrl, 'agents.runs.approve', input, { token: who.token }))
    }
    await until('the decision is taken', async () => {
      const { calls } = await readRun(baseUrl, who, id)
      return calls.some(
        ({ id: callId, state }) => state === 'waiting' && run.calls.some((call) => call.id === callId),
      )
        ? undefined
        : true
    })
  }
}

async function readRun(baseUrl: string, who: Caller, id: string): Promise<SeenRun> {
  const answer = await query(baseUrl, 'agents.runs.get', { id }, { token: who.token })
  // Not looked through for what may not leave: everything a model said is in it.
  if (answer.status !== 200) throw new Error(answer.text)
  const calls = listOf(answer.data, 'turns').flatMap((turn) => listOf(turn, 'calls'))
  return { id, state: textOf(answer, 'state'), text: answer.text, calls: calls.map(callOf) }
}

function callOf(call: unknown): SeenCall {
  const result = field(call, 'result')
  return {
    id: String(field(call, 'id')),
    tool: String(field(call, 'tool')),
    input: field(call, 'input'),
    state: String(field(call, 'state')),
    result: typeof result === 'string' ? result : null,
  }
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name)
  return Array.isArray(list) ? list : []
}
