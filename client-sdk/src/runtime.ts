import type { Runtime } from './call.ts'
import { contractNotice } from './contract-notice.ts'
import { createEventReader } from './event-reader.ts'
import type { ClientOptions } from './options.ts'
import { retryPlan } from './retry.ts'
import { createSession } from './session.ts'
import { createTransport } from './transport.ts'
import { createUploader } from './upload.ts'

const DEFAULT_TIMEOUT_MS = 30_000

/** Builds what all calls of a client share. */
export function createRuntime(options: ClientOptions): Runtime {
  const notice = contractNotice(options)
  const transport = createTransport(options, notice)
  return {
    transport,
    upload: createUploader(options, notice),
    events: createEventReader(options, notice),
    session: createSession(options, transport),
    retry: retryPlan(options.retry),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    batch: options.batch !== false,
  }
}
