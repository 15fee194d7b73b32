import type { Fault } from './nemesis/fault.ts'
import { crashPostgres, cutConnections } from './nemesis/postgres.ts'
import { killApi, rollingRestart } from './nemesis/processes.ts'

/** Every fault there is, in the order they are run. */
export const FAULTS: readonly Fault[] = [killApi, rollingRestart, crashPostgres, cutConnections]
