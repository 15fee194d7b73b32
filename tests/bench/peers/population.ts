/** How many rows there are. */
export const POPULATION = { users: 1_000, projects: 2_000, tasksPerProject: 50 } as const

/** Ids begin so; numbers follow. Written in the same way by the SQL of seed.ts. */
export const PREFIXES = {
  user: '10000000-0000-4000-8000-',
  session: '20000000-0000-4000-8000-',
  project: '30000000-0000-4000-8000-',
  task: '40000000-0000-4000-8000-',
} as const

/** Everybody is a member of it, for events. */
export const EVERYBODYS_PROJECT = idOf('project', 0)

/** Everybody's password. */
export const PASSWORD = 'correct-Horse 41 battery staple'

const BATCH = 10

/** Somebody who calls, and what they may ask for. */
export interface Caller {
  readonly number: number
  readonly id: string
  readonly sessionId: string
  readonly email: string
  /** Stands for the machine they sit at. */
  readonly address: string
  /** Where they read. */
  readonly projectId: string
  /** Where they write: another project, so that lists stay as they were. */
  readonly writesTo: string
  readonly taskIds: readonly string[]
}

/** The id of the `number`th row of a kind. */
function idOf(kind: keyof typeof PREFIXES, number: number): string {
  return `${PREFIXES[kind]}${number.toString(16).padStart(12, '0')}`
}

/** All users. */
export function makeCallers(): Caller[] {
  return Array.from({ length: POPULATION.users }, (_, number) => ({
    number,
    id: idOf('user', number),
    sessionId: idOf('session', number),
    email: `person-${number}@bench.example`,
    address: `10.0.${number >> 8}.${number & 255}`,
    projectId: idOf('project', number),
    writesTo: idOf('project', number + POPULATION.users),
    taskIds: Array.from({ length: BATCH }, (_, task) =>
      idOf('task', number * POPULATION.tasksPerProject + task),
    ),
  }))
}
