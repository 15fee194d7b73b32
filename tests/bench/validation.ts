import { z } from 'zod'
import type { CallContext } from '../../server/src/contract/call-context.ts'
import { invoke } from '../../server/src/contract/invoke.ts'
import { query, router } from '../../server/src/contract/procedure.ts'
import { UsersUpdateInput } from '../../server/src/modules/accounts/users/users.schema.ts'
import { ChatSendInput } from '../../server/src/modules/chat/chat.schema.ts'
import { TasksCreateInput, TasksListInput } from '../../server/src/modules/tasks/tasks.schema.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { idleCallContext } from './support/idle-call-context.ts'
import { percentile, rounded } from './support/statistics.ts'

const TARGET = 1.1
/** A few milliseconds: many of such rounds are not interrupted by whatever else the machine does. */
const CALLS = 500
/** Interruptions only add, so the quicker rounds say what the work costs. */
const QUICK_ROUNDS = 0.1

const ID = '0194f2c0-7b6a-7c11-8d2e-5f6a7b8c9d0e'
const CASES: Readonly<Record<string, { readonly schema: z.ZodType; readonly input: unknown }>> = {
  'tasks.create': {
    schema: TasksCreateInput,
    input: {
      projectId: ID,
      title: 'Write the launch notes',
      description: 'One page, for customers. '.repeat(8),
      status: 'doing',
      priority: 2,
      dueAt: '2026-12-01T09:00:00.000Z',
      assigneeId: ID,
    },
  },
  'tasks.list': {
    schema: TasksListInput,
    input: { projectId: ID, limit: 20, status: 'todo', sort: '-createdAt' },
  },
  'users.update': { schema: UsersUpdateInput, input: { id: ID, data: { fullName: 'Ada Lovelace' } } },
  'chat.send': {
    schema: ChatSendInput,
    input: { threadId: ID, text: 'How often are the bearings greased? '.repeat(5) },
  },
}

/** What checking inputs costs in the pipeline, beside zod alone. */
export const validation: Bench = {
  summary: 'processor time of checking an input: in a call, and by `schema.parse` alone',
  run,
}

/** Microseconds of processor time per call. */
interface Cost {
  /** `schema.parse` over and over, with nothing in between that would push it out of the processor's caches. */
  readonly parse: number
  /** What a call takes more when its procedure lets everything through and calls `schema.parse` itself. */
  readonly byHand: number
  /** What a call takes more with this schema than with one that lets everything through. */
  readonly inCall: number
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const rounds = quick ? 50 : 400
  const context = await idleCallContext()
  const costs: [string, Cost][] = []
  for (const [name, { schema, input }] of Object.entries(CASES)) {
    costs.push([name, await costOf(context, schema, input, rounds)])
  }
  return reportOf(costs, rounds)
}

async function costOf(
  context: CallContext,
  schema: z.ZodType,
  input: unknown,
  rounds: number,
): Promise<Cost> {
  const anything = z.unknown()
  const works = [
    async () => input,
    async () => schema.parse(input),
    calling(anything, () => null),
    calling(anything, (sent) => schema.parse(sent)),
    calling(schema, () => null),
  ]
  const times = works.map((): number[] => [])
  // In turns, so that what else the machine does meets all alike. The first fifth only warms up.
  for (let round = -rounds / 5; round < rounds; round += 1) {
    for (const [index, work] of works.entries()) {
      const microseconds = await microsecondsOf(work)
      if (round >= 0) times[index]?.push(microseconds)
    }
  }
  const [nothing = 0, parse = 0, bare = 0, byHand = 0, checked = 0] = times.map((own) =>
    percentile(own, QUICK_ROUNDS),
  )
  return { parse: parse - nothing, byHand: byHand - bare, inCall: checked - bare }

  /** A call of a procedure that does nothing else, from `invoke` on. */
  function calling(inputSchema: z.ZodType, work: (sent: unknown) => unknown): () => Promise<unknown> {
    const policy = { access: { who: 'public' }, scope: 'none', limit: 'read' } as const
    const definition = { summary: 'Does nothing.', policy, input: inputSchema, output: z.null() }
    const { signal } = new AbortController()
    const run = async ({ input: sent }: { readonly input: unknown }) => {
      work(sent)
      return null
    }
    const nothing = router({ nothing: query({ ...definition, run }) })
    return () => invoke({ router: nothing, path: 'nothing', kind: 'query', input, context, signal })
  }
}

async function microsecondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (let call = 0; call < CALLS; call += 1) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

function reportOf(costs: readonly (readonly [string, Cost])[], rounds: number): Report {
  const sum = (pick: (cost: Cost) => number) => costs.reduce((total, [, cost]) => total + pick(cost), 0)
  const ratio = sum(({ inCall }) => inCall) / sum(({ byHand }) => byHand)
  return {
    tables: [
      {
        title: `The quicker of ${rounds} rounds of ${CALLS} calls`,
        columns: [
          'input of',
          'schema.parse in a loop µs',
          'by hand in a call µs',
          'by the call µs',
          'times by hand',
          '10,000 a second: ms of CPU',
        ],
        rows: costs.map(([name, { parse, byHand, inCall }]) => [
          name,
          rounded(parse, 2),
          rounded(byHand, 2),
          rounded(inCall, 2),
          rounded(inCall / byHand, 2),
          rounded(inCall * 10, 1),
        ]),
      },
    ],
    notes: [
      'In a call: what it takes more than one with z.unknown(), which lets everything through. By hand: such a call whose',
      'procedure calls schema.parse itself. A loop of nothing else is quicker than either: its code is never pushed out of',
      'the processor’s caches.',
    ],
    targets: [
      {
        name: 'checking inputs in calls',
        wanted: `at most ${TARGET} times schema.parse by hand`,
        measured: `${rounded(ratio, 2)} times`,
        met: ratio <= TARGET,
      },
    ],
    data: Object.fromEntries(costs),
  }
}
