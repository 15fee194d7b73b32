import type { LogFields } from '../../../server/src/platform/logger.ts'
import type { Outcome } from '../../support/surfaces/index.ts'
import { likeness } from '../../support/surfaces/likeness.ts'
import type { Parity } from './parity-world.ts'

/** What must be the same of one call on every surface, made comparable; and what names the surface. */
export interface Facts {
  readonly same: {
    readonly lines: readonly unknown[] | 'not compared'
    readonly points: readonly unknown[]
    readonly [name: string]: unknown
  }
  readonly surfaces: readonly unknown[]
  readonly audits: number
}

/** Looks up what the server wrote, counted and logged about the call `traceId`. */
export async function factsOf(
  { world, recorder }: Parity,
  traceId: string,
  input: unknown,
  outcome: Outcome,
): Promise<Facts> {
  const { prisma } = world.server.database
  const [audits, jobs] = await Promise.all([
    prisma.auditEvent.findMany({ where: { traceId }, orderBy: { id: 'asc' } }),
    prisma.job.findMany({ where: { traceId }, orderBy: { id: 'asc' } }),
  ])
  const lines = recorder.linesOf(traceId).filter(({ message }) => message === 'call')
  const like = likeness(input)
  return {
    same: {
      data: like(outcome.data),
      error: like(outcome.error),
      audits: audits.map(({ actorId, actorVia, action, targetType, targetId, changes }) =>
        like({ actorId, actorVia, action, targetType, targetId, changes }),
      ),
      jobs: jobs.map(({ name, version, ownerId }) => like({ name, version, ownerId })),
      points: recorder.pointsOf(traceId).map(({ limit, caller }) => [limit, caller.split(':')[0]]),
      lines: lines.map((line) => like(said(line))),
      traceId: outcome.traceId === traceId ? 'of the caller' : outcome.traceId,
    },
    surfaces: [...audits.map(({ surface }) => surface), ...lines.map(({ surface }) => surface)],
    audits: audits.length,
  }
}

function said({ level, procedure, type, actor, via, target, code, reason }: LogFields) {
  return { level, procedure, type, actor, via, target, code, reason }
}
