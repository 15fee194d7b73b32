export type { ClientWarning } from './contract-notice.ts'
export { createClient } from './create-client.ts'
export type { Client } from './generated/client.ts'
export type * from './generated/errors.ts'
export type * from './generated/types.ts'
export type { JobHandle, JobProgress, JobWaitOptions } from './job-handle.ts'
export type {
  CallOptions,
  ClientOptions,
  HeaderSource,
  RetryOptions,
  SubscribeHandlers,
  SubscribeOptions,
  UploadOptions,
  UploadProgress,
} from './options.ts'
export { type ClientErrorCode, isPlinthError, PlinthError, type PlinthErrorDetails } from './plinth-error.ts'
export type {
  Call,
  JobMutation,
  JobUpload,
  Mutation,
  Query,
  StreamedEvent,
  Subscription,
  Unsubscribe,
  Upload,
} from './procedures.ts'
export { safe } from './safe.ts'
export { localStorageTokens, memoryTokens, type TokenStorage, type Tokens } from './token-storage.ts'
export type { Branded, FileInput } from './values.ts'
export type { FieldIssue } from './wire-error.ts'
