import type { Change } from '../../contract/unit-of-work.ts'
import type { Db } from '../../platform/database/index.ts'

/** What was said in a thread. */
export interface ThreadMessage {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** Chat threads, as agents work on them. Supplied by the chat module. */
export interface ThreadNotes {
  /** The newest messages of a thread of `userId`, oldest first; null when there is no such thread of theirs. */
  recent(db: Db, userId: string, threadId: string, most: number): Promise<readonly ThreadMessage[] | null>
  /** Puts what an agent came to into the thread, as part of the change; nothing when the thread is gone. */
  post(change: Change, note: { readonly threadId: string; readonly text: string }): Promise<void>
}
