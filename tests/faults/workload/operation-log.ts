import { type FileHandle, open, readFile } from 'node:fs/promises'
import { z } from 'zod'

/** What a client learned: done, refused for good, or nothing it can rely on. */
export type Result = 'ok' | 'refused' | 'unknown'

const Line = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('intent'),
    op: z.string(),
    kind: z.string(),
    effects: z.array(z.string()),
    at: z.number(),
  }),
  z.object({
    type: z.literal('outcome'),
    op: z.string(),
    result: z.enum(['ok', 'refused', 'unknown']),
    code: z.string(),
    /** What the answer says was made, where the intent could not know it. */
    effects: z.array(z.string()).optional(),
    at: z.number(),
  }),
])
type Line = z.infer<typeof Line>

/** An operation as its client knows it. */
export interface Operation {
  readonly op: string
  readonly kind: string
  /** Each must be found exactly once if it was done, and not at all if it was refused. */
  readonly effects: readonly string[]
  /** What the client learned first. */
  readonly first: Result
  /** What it knows in the end, after asking again with the same key. */
  readonly last: Result
  /** Code of the last answer; OK when it was done. */
  readonly code: string
  /** From the intent to the first outcome, in milliseconds. */
  readonly tookMs: number
}

/** A client's own record of what it asked for and what it was told. */
export interface OperationLog {
  /** Resolves once the line is on the disk. Lines that come together are synced together. */
  write(line: Line): Promise<void>
  close(): Promise<void>
}

/** Opens a log in `file`. It is kept outside of the server, which knows nothing of it. */
export async function openOperationLog(file: string): Promise<OperationLog> {
  const handle = await open(file, 'a')
  let waiting: { text: string; done: (error?: unknown) => void }[] = []
  let writing: Promise<void> | undefined
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const error = await append(handle, batch.map(({ text }) => text).join('')).catch(
        (thrown: unknown) => thrown,
      )
      for (const { done } of batch) done(error)
    }
  }
  return {
    write: (line) =>
      new Promise((resolve, reject) => {
        waiting.push({
          text: `${JSON.stringify(line)}\n`,
          done: (error) => (error === undefined ? resolve() : reject(error)),
        })
        writing ??= flush().finally(() => {
          writing = undefined
        })
      }),
    async close() {
      await writing
      await handle.close()
    },
  }
}

async function append(handle: FileHandle, text: string): Promise<undefined> {
  await handle.appendFile(text)
  await handle.datasync()
  return undefined
}

/** Reads the operations back from the disk. One without an outcome is unknown. */
export async function readOperations(file: string): Promise<Operation[]> {
  const operations = new Map<string, Operation>()
  const invoked = new Map<string, number>()
  for (const text of (await readFile(file, 'utf8')).split('\n')) {
    if (text === '') continue
    const line = Line.parse(JSON.parse(text))
    if (line.type === 'intent') {
      const { op, kind, effects, at } = line
      invoked.set(op, at)
      operations.set(op, { op, kind, effects, first: 'unknown', last: 'unknown', code: 'NONE', tookMs: 0 })
      continue
    }
    const known = operations.get(line.op)
    if (known === undefined) throw new Error(`The log has an outcome of ${line.op} and no intent`)
    const isFirst = known.code === 'NONE'
    operations.set(line.op, {
      ...known,
      effects: line.effects ?? known.effects,
      first: isFirst ? line.result : known.first,
      last: line.result,
      code: line.code,
      tookMs: isFirst ? line.at - (invoked.get(line.op) ?? line.at) : known.tookMs,
    })
  }
  return [...operations.values()]
}
