import { randomUUID } from 'node:crypto'
import type { Actor, Authenticator } from '../../../server/src/contract/actor.ts'
import { type ContractRuntime, createCallContext } from '../../../server/src/contract/call-context.ts'
import { createCredentialWatch } from '../../../server/src/contract/credential-watch.ts'
import { AppError, type ErrorCode } from '../../../server/src/contract/errors.ts'
import type { MemberRole } from '../../../server/src/contract/policy.ts'
import { router } from '../../../server/src/contract/procedure.ts'
import { createStreamSlots } from '../../../server/src/contract/stream-slots.ts'
import { createProjects } from '../../../server/src/modules/projects/index.ts'
import { createTasks } from '../../../server/src/modules/tasks/index.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { createBus } from '../../../server/src/platform/events/bus.ts'
import { createStreamBackstop } from '../../../server/src/platform/events/stream-backstop.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import {
  newTraceId,
  type RequestContext,
  runInContext,
} from '../../../server/src/platform/request-context.ts'
import { createSecrets } from '../../../server/src/platform/secrets/index.ts'
import { TEST_SECRET } from '../../support/config.ts'
import { createTestDatabase, databaseKind } from '../../support/database.ts'
import { noUploads } from '../../support/no-uploads.ts'

const UNLIMITED = { allowed: true, limit: 1, remaining: 1, resetMs: 0 }

/** Somebody who calls; the credential is their id, and accounts are left out of it. */
export interface Person {
  readonly id: string
  readonly email: string
}

/** How a call is made beside who makes it. */
export interface CallOptions {
  readonly signal?: AbortSignal
  readonly idempotencyKey?: string
  readonly bypassReason?: string
  readonly request?: RequestContext
}

/** The projects and tasks modules behind the contract's pipeline, on a database of their own, without HTTP. */
export async function createWorkspace(options: { readonly pollMs?: number } = {}) {
  const { database, drop } = await createTestDatabase(databaseKind())
  const logger = createLogger({ level: 'silent', format: 'json' })
  const bus = createBus(database, logger)
  await bus.start()
  const clock = systemClock
  const findUserByEmail = (db: Pick<typeof database.prisma, 'user'>, email: string) =>
    db.user.findFirst({ where: { email, deletedAt: null }, select: { id: true } })
  const backstop = createStreamBackstop({ database, bus, logger })
  const tasks = createTasks({ database, bus, backstop, clock, ...options })
  const projects = createProjects({ database, clock, findUserByEmail })
  const app = router({ projects: projects.router, tasks: tasks.router })
  const known = new Map<string, Actor>()
  const authenticator: Authenticator = {
    authenticate: async ({ bearer }) => known.get(bearer ?? '') ?? null,
    stillValid: async () => true,
  }
  const runtime: ContractRuntime = {
    authenticator,
    credentialWatch: createCredentialWatch(authenticator),
    limiter: { take: async () => UNLIMITED, peek: async () => UNLIMITED },
    streamSlots: createStreamSlots({ perUser: 50, perAddress: 1_000, perProcess: 1_000 }),
    database,
    bus,
    jobs: { enqueue: async () => undefined },
    uploads: noUploads,
    secrets: createSecrets(TEST_SECRET),
    clock,
    logger,
  }

  const as = (person: Person, { signal, request = newRequest(), ...rest }: CallOptions = {}) =>
    app.createCaller(createCallContext({ runtime, request, credentials: { bearer: person.id }, ...rest }), {
      ...(signal === undefined ? {} : { signal }),
    })

  const person = async (name = 'user', role: Actor['role'] = 'user'): Promise<Person> => {
    const id = randomUUID()
    const email = `${name}-${id}@example.com`
    await database.prisma.user.create({ data: { id, email, fullName: name, passwordHash: 'x', role } })
    const via = { kind: 'session', id: randomUUID() } as const
    const plan = { betaTester: false, subscriptionTier: 'free' } as const
    known.set(id, { userId: id, email, role, plan, via, scopes: 'all', authenticatedAt: new Date() })
    return { id, email }
  }

  const project = async (owner: Person, members: readonly (readonly [Person, MemberRole])[] = []) => {
    const created = await as(owner).projects.create({ name: 'A project', slug: `p-${randomUUID()}` })
    for (const [{ id: userId }, role] of members) {
      await database.prisma.projectMember.create({ data: { projectId: created.id, userId, role } })
    }
    return created
  }

  return {
    database,
    bus,
    tasks,
    as,
    person,
    project,
    /** The answer of one call and the database round trips it took. */
    async counted<T>(who: Person, call: (caller: ReturnType<typeof as>) => Promise<T>) {
      const request = newRequest()
      const answer = await runInContext(request, () => call(as(who, { request })))
      return { answer, roundTrips: request.roundTrips }
    },
    streams: () => runtime.streamSlots.open(),
    async [Symbol.asyncDispose]() {
      await bus.close()
      await drop()
    },
  }
}

export type Workspace = Awaited<ReturnType<typeof createWorkspace>>

function newRequest(): RequestContext {
  return { traceId: newTraceId(), surface: 'trpc', ip: '127.0.0.1', userAgent: undefined, roundTrips: 0 }
}

/** What a call was refused with. @throws Error when it was not */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: ErrorCode; reason?: string; fields?: string[]; message: string }> {
  try {
    await call
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    const known = cause instanceof AppError ? cause : error
    if (known instanceof AppError) {
      const fields = [...new Set(known.issues.map((issue) => issue.field))]
      return {
        code: known.code,
        message: known.message,
        ...(known.reason === undefined ? {} : { reason: known.reason }),
        ...(fields.length === 0 ? {} : { fields }),
      }
    }
    if (isBadInput(error)) {
      const fields = error.cause.issues.flatMap((issue) =>
        issue.keys === undefined
          ? issue.path.join('.')
          : issue.keys.map((key) => [...issue.path, key].join('.')),
      )
      return { code: 'BAD_REQUEST', message: 'invalid', fields: [...new Set(fields)] }
    }
    throw error
  }
  throw new Error('The call was not refused')
}

interface BadInput {
  readonly cause: { readonly issues: readonly { readonly path: PropertyKey[]; readonly keys?: string[] }[] }
}

function isBadInput(error: unknown): error is BadInput {
  return error instanceof Error && error.cause instanceof Error && 'issues' in error.cause
}
