import type { StoredEvent, StreamView } from './stream-source.ts'

/** What one statement tells of a stream that has an end: how far it is, who may see it, and what came. */
export type LookRow =
  | { kind: 'head'; id: string; type: null; data: { over: boolean } }
  | { kind: 'reader'; id: string; type: null; data: null }
  | { kind: 'event'; id: string; type: string; data: unknown }

/** The rows as one view; of a stream that is not there, nobody may see it and it has no events. */
export function viewOf(rows: readonly LookRow[]): StreamView {
  const events: StoredEvent[] = []
  const audience = new Set<string>()
  let head = 0n
  let over = false
  for (const row of rows) {
    if (row.kind === 'event') events.push({ id: BigInt(row.id), type: row.type, data: row.data })
    else if (row.kind === 'reader') audience.add(row.id)
    else {
      head = BigInt(row.id)
      over = row.data.over
    }
  }
  events.sort((a, b) => (a.id < b.id ? -1 : 1))
  return { audience, head, events, over }
}
