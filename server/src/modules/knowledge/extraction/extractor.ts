import { fail } from '../../../contract/errors.ts'
import { createThreadPool, ThreadLimitError } from '../../../platform/threads/thread-pool.ts'
import type { Extraction, ExtractTask } from './extract.thread.ts'
import type { ReadProgress } from './read-document.ts'

/** A document that was read and cut. */
export type ExtractedDocument = Omit<Extract<Extraction, { kind: 'read' }>, 'kind'>

/** Reads documents in a thread, one after the other, within limits of time and memory. */
export interface Extractor {
  /** @throws UNPROCESSABLE_CONTENT saying why the document cannot be taken in; the signal's reason */
  extract(
    task: ExtractTask,
    run: { readonly signal: AbortSignal; readonly onProgress: (progress: ReadProgress) => void },
  ): Promise<ExtractedDocument>
  close(): Promise<void>
}

const MOST_HEAP_MB = 256
const MOST_GROWTH_MB = 400
const TIME_LIMIT_MS = 60_000

/** Builds the {@link Extractor}. The thread starts with the first document. */
export function createExtractor(): Extractor {
  const threads = createThreadPool<ExtractTask, Extraction, ReadProgress>({
    module: new URL('./extract.thread.ts', import.meta.url),
    // By how much the process grows can be laid on a document only while no other is read.
    threads: 1,
    maxHeapMb: MOST_HEAP_MB,
    maxGrowthMb: MOST_GROWTH_MB,
  })
  return {
    async extract(task, { signal, onProgress }) {
      const extraction = await threads
        .run(task, { signal, onReport: onProgress, timeLimitMs: TIME_LIMIT_MS })
        .catch((error: unknown) => {
          throw error instanceof ThreadLimitError ? refused(LIMITS[error.limit]) : error
        })
      if (extraction.kind === 'unreadable') throw refused(extraction.why)
      const { kind: _kind, ...read } = extraction
      return read
    },
    close: () => threads.close(),
  }
}

const LIMITS = {
  memory: 'Reading it takes more memory than there may be.',
  time: `Reading it takes longer than ${TIME_LIMIT_MS / 1_000} seconds.`,
} as const

function refused(message: string) {
  return fail('UNPROCESSABLE_CONTENT', { message })
}
