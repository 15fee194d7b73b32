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
  readonly parse: number
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
  const works = [async () => input, async () => schema.parse(input), calling(z.unknown()), calling(schema)]
  const times = works.map((): number[] => [])
  // In turns, so that what else the machine does meets all alike. The first fifth only warms up.
  for (let round = -rounds / 5; round < rounds; round += 1) {
    for (const [index, work] of works.entries()) {
      const microseconds = await microsecondsOf(work)
      if (round >= 0) times[index]?.push(microseconds)
    }
  }
  const [nothing = 0, parse = 0, bare = 0, checked = 0] = times.map((own) => percentile(own, QUICK_ROUNDS))
  return { parse: parse - nothing, inCall: checked - bare }

  /** A call of a procedure that does nothing, from `invoke` on. */
  function calling(inputSchema: z.ZodType): () => Promise<unknown> {
    const policy = { access: { who: 'public' }, scope: 'none', limit: 'read' } as const
    const definition = { summary: 'Does nothing.', policy, input: inputSchema, output: z.null() }
    const { signal } = new AbortController()
    const nothing = router({ nothing: query({ ...definition, run: async () => null }) })
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
  const ratio = sum(({ inCall }) => inCall) / sum(({ parse }) => parse)
  return {
    tables: [
      {
        title: `The quicker of ${rounds} rounds of ${CALLS} calls`,
        columns: ['input of', 'schema.parse µs', 'in a call µs', 'times', '10,000 a second: ms of CPU'],
        rows: costs.map(([name, { parse, inCall }]) => [
          name,
          rounded(parse, 2),
          rounded(inCall, 2),
          rounded(inCall / parse, 2),
          rounded(inCall * 10, 1),
        ]),
      },
    ],
    notes: [
      'In a call: what it takes more with this schema than with z.unknown(), which lets everything through.',
    ],
    targets: [
      {
        name: 'checking inputs in calls',
        wanted: `at most ${TARGET} times schema.parse`,
        measured: `${rounded(ratio, 2)} times`,
        met: ratio <= TARGET,
      },
    ],
    data: Object.fromEntries(costs),
  }
}
