import type { Fleet } from '../machine/fleet.ts'
import type { Random } from '../random.ts'

/** What a fault may touch. */
export interface Stage {
  readonly fleet: Fleet
  /** Chooses moments and victims. */
  readonly random: Random
  /** `quick` keeps each fault to a few seconds, for tests; `full` lasts as long as the plan says. */
  readonly pace: 'quick' | 'full'
  /** Wait for what takes its time, instead of pretending that it has passed. In the quick pace the first seed does. */
  readonly patient: boolean
  /** Says that something was wrong beyond what the checker looks at. */
  complain(text: string): void
  /** Says something worth knowing. */
  note(text: string): void
  /** Says that this job has to end badly. */
  expectDead(jobId: string): void
  /** Has `look` done when everything has come to rest. */
  whenQuiet(look: () => Promise<void>): void
}

/** Something that breaks. */
export interface Fault {
  readonly id: string
  readonly title: string
  /** All seeds in one round: what they break heals slowly, and heals at the same time. */
  readonly together?: true
  /** Breaks it, and puts the cause right again if nobody else does. */
  strike(stage: Stage): Promise<void>
}
