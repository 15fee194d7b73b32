import type { Fleet } from '../machine/fleet.ts'
import type { Random } from '../random.ts'

/** What a fault may touch. */
export interface Stage {
  readonly fleet: Fleet
  /** Chooses moments and victims. */
  readonly random: Random
  /** `quick` keeps each fault to a few seconds, for tests; `full` lasts as long as the plan says. */
  readonly pace: 'quick' | 'full'
}

/** Something that breaks. */
export interface Fault {
  readonly id: string
  readonly title: string
  /** What it may take to be well again once the cause is gone, in milliseconds. */
  readonly recoverWithinMs: number
  /**
   * Breaks it, and puts the cause right again if nobody else does.
   * @returns what was wrong with it beyond what the checker looks at; mostly nothing
   */
  strike(stage: Stage): Promise<readonly string[]>
}
