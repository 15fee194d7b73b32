import { setTimeout as delay } from 'node:timers/promises'
import type { Person } from './people.ts'
import type { Sdk } from './sdk.ts'

const PAUSE_MS = 250
/** The server repeats its answer for 10 s; whoever asks later with the same token is taken for a thief. */
const GIVE_UP_MS = 8_000

/** Somebody who renews their tokens all the time. */
export interface Refresher {
  /** Why they lost their session although they only repeated what had not been answered; undefined if they have it. */
  stop(): Promise<string | undefined>
}

/** Starts to renew: always with the newest token that arrived, again with the same while no answer came. */
export function startRefresher(sdk: Sdk, { client, refreshToken: first }: Person): Refresher {
  let stopping = false
  const run = async (): Promise<string | undefined> => {
    let refreshToken = first
    let unansweredSince: number | undefined
    while (!stopping) {
      try {
        const answer = await client.auth.refresh.mutate({ refreshToken }, { retry: false, timeoutMs: 3_000 })
        refreshToken = answer.refreshToken ?? ''
        unansweredSince = undefined
      } catch (error) {
        if (!sdk.isPlinthError(error)) throw error
        if (error.code === 'UNAUTHORIZED') return `refresh was refused: ${error.message}`
        unansweredSince ??= Date.now()
        // Nothing can be said of a session whose owner had to wait this long.
        if (Date.now() - unansweredSince > GIVE_UP_MS) return undefined
      }
      await delay(PAUSE_MS)
    }
    return undefined
  }
  const running = run()
  return {
    stop() {
      stopping = true
      return running
    },
  }
}
