import type { Change } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Db } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'

/** Threads as other modules write to them and read them. */
export function createThreadNotes({ clock }: { readonly clock: Clock }) {
  return {
    /** The newest messages of a thread of `userId`, oldest first; null when there is no such thread of theirs. */
    async recent(db: Db, userId: string, threadId: string, most: number) {
      const thread = await db.thread.findFirst({
        where: { id: threadId, userId },
        select: {
          messages: {
            where: { text: { not: '' }, state: { in: ['done', 'stopped', 'interrupted'] } },
            orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
            take: most,
            select: { role: true, text: true },
          },
        },
      })
      return thread === null ? null : thread.messages.reverse()
    },

    /** Puts a text into a thread as an answer, as part of the change; nothing when the thread is gone. */
    async post({ db }: Pick<Change, 'db'>, note: { readonly threadId: string; readonly text: string }) {
      const { threadId, text } = note
      const now = clock.now()
      // Holds the thread, so that it is there until the message is.
      const { count } = await db.thread.updateMany({ where: { id: threadId }, data: { updatedAt: now } })
      if (count === 0) return
      const message = { role: 'assistant', state: 'done', text, createdAt: now, endedAt: now } as const
      await db.message.create({ data: { id: newId(now), threadId, ...message }, select: { id: true } })
    },
  }
}
