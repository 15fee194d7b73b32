import type { Database } from '../database/index.ts'
import type { MailContent } from './mail-template.ts'
import type { Mailer } from './mailer.ts'

/** A mail as its row knows it. */
export interface LoggedMail {
  readonly id: string
  readonly recipient: string
  readonly template: string
  readonly attempts: number
  readonly sentAt: Date | null
  readonly failedAt: Date | null
  readonly lastError: string | null
  readonly createdAt: Date
  /** What it says, links that work included; undefined when it cannot be rendered any more. */
  readonly content: MailContent | undefined
}

/** What was mailed, for people who develop. Mails are made anew from their rows: no row holds a link. */
export interface MailLog {
  /** The newest hundred, newest first. */
  recent(): Promise<LoggedMail[]>
  /** One mail, or null. */
  find(id: string): Promise<LoggedMail | null>
}

const SHOWN = 100

/** Builds the {@link MailLog}. */
export function createMailLog(database: Pick<Database, 'prisma'>, mailer: Pick<Mailer, 'render'>): MailLog {
  const select = {
    ...{ id: true, recipient: true, template: true, data: true, attempts: true },
    ...{ sentAt: true, failedAt: true, lastError: true, createdAt: true },
  } as const
  const withContent = <Row extends { readonly template: string; readonly data: unknown }>(row: Row) => {
    const { data: _, ...rest } = row
    return { ...rest, content: rendered(row) }
  }
  const rendered = (row: { readonly template: string; readonly data: unknown }): MailContent | undefined => {
    try {
      return mailer.render(row)
    } catch {
      return undefined
    }
  }
  return {
    async recent() {
      const orderBy = [{ createdAt: 'desc' as const }, { id: 'desc' as const }]
      const rows = await database.prisma.mailMessage.findMany({ select, orderBy, take: SHOWN })
      return rows.map(withContent)
    },
    async find(id) {
      const row = await database.prisma.mailMessage.findUnique({ where: { id }, select })
      return row === null ? null : withContent(row)
    },
  }
}
