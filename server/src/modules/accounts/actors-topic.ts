import type { Change } from '../../contract/unit-of-work.ts'

/** Says that something about a user's credentials or rights changed; the payload is the user's id. */
export const ACTORS_TOPIC = 'actors'

/** Makes every process forget what it knows of `userId`, after the commit. */
export function announceActor(change: Pick<Change, 'announce'>, userId: string): void {
  change.announce(ACTORS_TOPIC, userId)
}
