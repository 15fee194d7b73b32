import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Balancer, startBalancer } from '../../support/balancer.ts'
import { startVendorServer, type VendorServer } from '../../support/llm/vendor-server.ts'
import { freePort } from '../../support/server-process.ts'
import { type MailSink, startMailSink } from './mail-sink.ts'
import { createMember, type Member } from './member.ts'
import { type PostgresCluster, startPostgres } from './postgres-cluster.ts'
import type { Programs } from './programs.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

/** What a fleet is made of. */
export interface FleetOptions {
  readonly programs: Programs
  readonly apis?: number
  readonly workers?: number
  /** Settings of every process, over the defaults here. */
  readonly variables?: Readonly<Record<string, string>>
}

/** The product as it is scaled out: API processes behind a balancer, workers, one Postgres, one Redis. */
export interface Fleet extends AsyncDisposable {
  /** The balancer's address: all that clients know. */
  readonly baseUrl: string
  readonly folder: string
  readonly balancer: Balancer
  readonly postgres: PostgresCluster
  readonly redis: RedisServer
  /** Where the mails go. */
  readonly mails: MailSink
  /** Where the language models are. */
  readonly vendor: VendorServer
  /** Where the files of users are. */
  readonly storageFolder: string
  readonly superuser: { readonly email: string; readonly password: string }
  readonly apis: readonly Member[]
  readonly workers: readonly Member[]
  readonly members: readonly Member[]
  /** Resolves when every process is ready. */
  ready(): Promise<void>
}

/** How long the processes wait for models: short, as faults wait for all of it. */
export const MODEL_PATIENCE = {
  LLM_FIRST_TOKEN_TIMEOUT_MS: '3000',
  LLM_IDLE_TIMEOUT_MS: '3000',
  LLM_TOTAL_TIMEOUT_MS: '20000',
} as const

/** Starts everything in a folder of its own under the system's temporary one. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), 'plinth-faults-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  // Postgres runs as a user of its own, and must be able to pass.
  await chmod(folder, 0o711)
  const postgres = stack.use(await startPostgres(options.programs.postgresBin, folder))
  const redis = stack.use(await startRedis(options.programs.redisServer, folder))
  const mails = stack.use(await startMailSink())
  const vendor = stack.use(await startVendorServer())
  const superuser = { email: 'root@faults.example', password: randomBytes(24).toString('base64') }
  const data = path.join(folder, 'data')
  const storageFolder = path.join(folder, 'storage')
  await mkdir(data)
  await mkdir(storageFolder)

  const variables = {
    NODE_ENV: 'production',
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SMTP_URL: mails.url,
    FIRST_SUPERUSER_EMAIL: superuser.email,
    FIRST_SUPERUSER_PASSWORD: superuser.password,
    JWT_SECRET: randomBytes(48).toString('base64'),
    PLINTH_DATA: data,
    STORAGE_DIRECTORY: storageFolder,
    PUBLIC_URL: 'http://localhost:4000',
    TRUSTED_PROXIES: 'loopback',
    BCRYPT_COST: '10',
    DRAIN_DELAY_MS: '500',
    LOG_LEVEL: 'info',
    ...vendor.variables(),
    ...MODEL_PATIENCE,
    EMBEDDING_MODEL: 'openai:text-embedding-3-small',
    ...options.variables,
  }
  const member = async (role: 'api' | 'worker', number: number): Promise<Member> => {
    const port = role === 'api' ? await freePort() : undefined
    const one = createMember({ name: `${role}-${number}`, role, port, folder, variables })
    stack.defer(() => one.stop())
    await one.start()
    return one
  }
  const apis: Member[] = []
  const workers: Member[] = []
  for (let number = 1; number <= (options.apis ?? 2); number += 1) apis.push(await member('api', number))
  for (let number = 1; number <= (options.workers ?? 2); number += 1)
    workers.push(await member('worker', number))
  const balancer = stack.use(await startBalancer(apis.map(({ baseUrl }) => baseUrl ?? '')))
  const members = [...apis, ...workers]
  const all = stack.move()
  return {
    baseUrl: balancer.baseUrl,
    folder,
    balancer,
    postgres,
    redis,
    mails,
    vendor,
    storageFolder,
    superuser,
    apis,
    workers,
    members,
    async ready() {
      await Promise.all(members.map((one) => one.ready()))
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
