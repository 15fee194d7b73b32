import { setTimeout as delay } from 'node:timers/promises'

/** Calls like the SDK: again when the server is too busy, as often and after as long as `client-sdk/src/retry.ts` does. */
export interface SdkPatience {
  /** How often calls were made again so far. */
  retries(): number
  /** Makes the call until it is not refused for load or a limit; the last answer, whatever it is. */
  call<T extends Refusable>(make: () => Promise<T>): Promise<T>
}

interface Refusable {
  readonly status: number
  readonly headers: Headers
}

const ATTEMPTS = 6
const BASE_DELAY_MS = 200

/** Builds a {@link SdkPatience}. */
export function sdkPatience(): SdkPatience {
  let retries = 0
  return {
    retries: () => retries,
    async call(make) {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await make()
        if ((answer.status !== 503 && answer.status !== 429) || attempt === ATTEMPTS) return answer
        retries += 1
        await delay(pauseBefore(attempt, answer.headers))
      }
    },
  }
}

function pauseBefore(attempt: number, headers: Headers): number {
  const own = BASE_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2)
  return Math.max(own, Number(headers.get('retry-after') ?? 0) * 1_000)
}
