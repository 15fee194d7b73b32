import { z } from 'zod'
import type { CallContext } from '../../server/src/contract/call-context.ts'
import { invoke } from '../../server/src/contract/invoke.ts'
import { query, router } from '../../server/src/contract/procedure.ts'
import { UsersUpdateInput } from '../../server/src/modules/accounts/users/users.schema.ts'
import { ChatSendInput } from '../../server/src/modules/chat/chat.schema.ts'
import { TasksCreateInput, TasksListInput } from '../../server/src/modules/tasks/tasks.schema.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { idleCallContext } from './support/idle-call-context.ts'
import { median, rounded } from './support/statistics.ts'

const TARGET = 1.1
/** At once enough for a hundredth of a second, the unit that Linux counts processor time in, to mean little. */
const CALLS = 50_000

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
  const rounds = quick ? 1 : 9
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
  const works = {
    parse: async () => schema.parse(input),
    checked: calling(schema),
    bare: calling(z.unknown()),
  }
  for (const work of Object.values(works)) await microsecondsOf(work)
  const parse: number[] = []
  const inCall: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const nothing = await microsecondsOf(async () => input)
    parse.push((await microsecondsOf(works.parse)) - nothing)
    const bare = await microsecondsOf(works.bare)
    inCall.push((await microsecondsOf(works.checked)) - bare)
  }
  return { parse: median(parse), inCall: median(inCall) }

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
        title: `Medians of ${rounds} rounds of ${CALLS} calls`,
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
