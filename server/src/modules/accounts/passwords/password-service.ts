import { WorkQueueFullError } from '../../../platform/limits/index.ts'
import type { PasswordHasher } from '../../../platform/passwords/index.ts'
import { overloaded } from '../auth/overloaded.ts'

/** Passwords of accounts; the same as the platform's hasher, with errors that callers understand. */
export interface PasswordService {
  /** @throws SERVICE_UNAVAILABLE (OVERLOADED) */
  hash(password: string, signal?: AbortSignal): Promise<string>
}

/** Wraps the hasher. */
export function createPasswordService(hasher: PasswordHasher): PasswordService {
  return {
    async hash(password, signal) {
      try {
        return await hasher.hash(password, signal)
      } catch (error) {
        throw error instanceof WorkQueueFullError ? overloaded(error) : error
      }
    },
  }
}
