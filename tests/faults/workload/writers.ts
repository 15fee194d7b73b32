import { setTimeout as delay } from 'node:timers/promises'
import type { OperationLog, Result } from './operation-log.ts'
import { type Desk, PLANNERS, type Plan, type Planner } from './operations.ts'
import type { Sdk } from './sdk.ts'

/** A call that takes longer than this has hung. */
const CALL_LIMIT_MS = 15_000
/** The longest that asking for the outcome of one operation may take, all tries together. */
const RESOLVE_LIMIT_MS = 60_000

/** How writers work. */
export interface WritersOptions {
  readonly sdk: Sdk
  readonly log: OperationLog
  readonly desks: readonly Desk[]
  /** Names the operations of this round. */
  readonly prefix: string
  /** Between two operations of one writer, in milliseconds, evenly spread. */
  readonly pauseMs: readonly [number, number]
  /** Let the client package try again by itself, as programs do; otherwise every failure counts as unknown. */
  readonly retries: boolean
  readonly planners?: readonly Planner[]
}

/** Writers at work. */
export interface Writers {
  /** How many operations were done so far. */
  done(): number
  /** Lets each finish what it is at. */
  stop(): Promise<void>
  /** Asks again, with the same key, for everything whose outcome is unknown. Call it after {@link stop}. */
  resolve(): Promise<void>
}

interface Pending {
  readonly op: string
  readonly plan: Plan
}

/** Starts one writer per desk. Each has one operation under way at a time, noted on disk before and after. */
export function startWriters(options: WritersOptions): Writers {
  const { sdk, log, desks, prefix } = options
  const planners = options.planners ?? PLANNERS
  const pending: Pending[] = []
  let stopping = false
  let done = 0
  let failure: unknown

  const send = async ({ op, plan }: Pending, again: boolean): Promise<Result> => {
    const alone = again || options.retries ? {} : ({ retry: false } as const)
    const timeoutMs = again ? RESOLVE_LIMIT_MS : CALL_LIMIT_MS
    const outcome = await plan.send({ idempotencyKey: op, timeoutMs, ...alone }).then(
      (effects) => ({ result: 'ok' as const, code: 'OK', effects }),
      (error: unknown) => ({ ...refusalIn(sdk, error), effects: undefined }),
    )
    const { result, code, effects } = outcome
    const made = effects === undefined ? {} : { effects: [...effects] }
    await log.write({ type: 'outcome', op, result, code, ...made, at: Date.now() })
    return result
  }

  const work = async (desk: Desk, writer: number): Promise<void> => {
    for (let number = 1; !stopping; number += 1) {
      await delay(desk.random.between(...options.pauseMs))
      const op = `${prefix}-${writer}-${number}`
      const plan = await desk.random.pick(planners)(desk, op)
      if (plan === undefined) continue
      await log.write({ type: 'intent', op, kind: plan.kind, effects: [...plan.effects], at: Date.now() })
      const result = await send({ op, plan }, false)
      if (result === 'ok') done += 1
      if (result === 'unknown') pending.push({ op, plan })
    }
  }
  const working = desks.map((desk, index) =>
    work(desk, index).catch((error: unknown) => {
      failure ??= error
      stopping = true
    }),
  )
  return {
    done() {
      if (failure !== undefined) throw failure
      return done
    },
    async stop() {
      stopping = true
      await Promise.all(working)
      if (failure !== undefined) throw failure
    },
    async resolve() {
      const deadline = Date.now() + RESOLVE_LIMIT_MS
      let open = pending.splice(0)
      while (open.length > 0 && Date.now() < deadline) {
        const results = await Promise.all(open.map((one) => send(one, true)))
        open = open.filter((_, index) => results[index] === 'unknown')
      }
    },
  }
}

/** What a failed call says of its operation. @throws what is no answer but a mistake of the harness */
function refusalIn(sdk: Sdk, error: unknown): { result: 'refused' | 'unknown'; code: string } {
  if (!sdk.isPlinthError(error) || error.code === 'CLIENT_ERROR') throw error
  const code = error.reason ?? error.code
  const definite =
    error.status !== undefined && error.status >= 400 && error.status < 500 && error.code !== 'TIMEOUT'
  return { result: definite ? 'refused' : 'unknown', code }
}
