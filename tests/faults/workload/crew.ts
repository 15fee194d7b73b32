import path from 'node:path'
import { randomFrom } from '../random.ts'
import { openOperationLog } from './operation-log.ts'
import type { Planner } from './operations.ts'
import { newAddress, type Person, type Place, registerPeople } from './people.ts'
import { startWatchers, type Watchers } from './watchers.ts'
import { startWriters, type Writers } from './writers.ts'

/** What somebody logs in with. */
export interface Credentials {
  readonly email: string
  readonly password: string
}

/** How a crew is made up and works. */
export interface CrewOptions extends Place {
  /** Names its project, its operations and its log; letters and digits. */
  readonly name: string
  /** Where the log is kept. */
  readonly folder: string
  readonly seed: number
  /** Makes one of the crew an admin. */
  readonly superuser: Credentials
  /** How many people only write, only watch, and do both. */
  readonly writers: number
  readonly watchers: number
  readonly both: number
  /** See {@link startWriters}. */
  readonly pauseMs: readonly [number, number]
  readonly retries: boolean
  readonly planners?: readonly Planner[]
}

/** People who work on one project and watch it. */
export interface Crew {
  /** Begins the name of each of its operations. */
  readonly name: string
  readonly owner: Person
  readonly people: readonly Person[]
  readonly projectId: string
  /** Tasks that are counted up. */
  readonly counters: readonly string[]
  readonly logFile: string
  readonly writers: Writers
  readonly watchers: Watchers
  /** Stops writing, finds out every unknown outcome, and closes the log. The watchers stay. */
  finish(): Promise<void>
}

const COUNTERS = 3

/** Registers a crew, makes its project and sets it to work. */
export async function startCrew(options: CrewOptions): Promise<Crew> {
  const { sdk, name, seed } = options
  const names = [
    'owner',
    'admin',
    ...numbered('writer', options.writers),
    ...numbered('watcher', options.watchers),
  ]
  const people = await registerPeople(options, [...names, ...numbered('member', options.both)])
  const [owner, admin, ...members] = people
  if (owner === undefined || admin === undefined) throw new Error('Nobody was registered')
  await makeAdmin(options, admin.id)
  const { client } = owner
  const { id: projectId } = await client.projects.create.mutate({ name, slug: name })
  for (const { email } of members) {
    await client.projects.members.add.mutate({ projectId, email, role: 'editor' })
  }
  const counters: string[] = []
  for (const title of numbered('counter', COUNTERS)) {
    counters.push((await client.tasks.create.mutate({ projectId, title })).id)
  }

  const logFile = path.join(options.folder, `${name}.operations`)
  const log = await openOperationLog(logFile)
  const writing = [...members.slice(0, options.writers), ...members.slice(options.writers + options.watchers)]
  const watching = members.slice(options.writers)
  const watchers = startWatchers(
    watching.map((person) => person.client),
    projectId,
  )
  const desks = writing.map((person, index) => ({
    client: person.client,
    projectId,
    counters,
    random: randomFrom(seed * 1_000 + index),
    own: [],
    admin: admin.client,
    recipients: members.map(({ id }) => id),
  }))
  const { pauseMs, retries, planners } = options
  const writers = startWriters({
    sdk,
    log,
    desks,
    prefix: name,
    pauseMs,
    retries,
    ...(planners === undefined ? {} : { planners }),
  })
  return {
    name,
    owner,
    people,
    projectId,
    counters,
    logFile,
    writers,
    watchers,
    async finish() {
      await writers.stop()
      await writers.resolve()
      await log.close()
    },
  }
}

async function makeAdmin({ sdk, baseUrl, superuser }: CrewOptions, id: string): Promise<void> {
  const client = sdk.createClient({ baseUrl, headers: { 'x-forwarded-for': newAddress() } })
  await client.auth.login.mutate(superuser)
  await client.users.setRole.mutate({ id, role: 'admin' })
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)
}
