import type { Fault } from './nemesis/fault.ts'
import { stormLogIns } from './nemesis/log-ins.ts'
import { killMidReply } from './nemesis/mid-reply.ts'
import { crashPostgres, cutConnections } from './nemesis/postgres.ts'
import { killApi, rollingRestart } from './nemesis/processes.ts'
import { breakRedis } from './nemesis/redis.ts'
import { slowVendor } from './nemesis/slow-vendor.ts'
import { killMidUpload } from './nemesis/uploads.ts'
import { killWorker, killWorkersMidJob } from './nemesis/workers.ts'
import { wrongVendor } from './nemesis/wrong-vendor.ts'
import { deliverTwice } from './nemesis/zombies.ts'

/** Every fault there is, in the order they are run. */
export const FAULTS: readonly Fault[] = [
  killApi,
  killWorkersMidJob,
  killMidUpload,
  killMidReply,
  rollingRestart,
  crashPostgres,
  cutConnections,
  breakRedis,
  slowVendor,
  wrongVendor,
  deliverTwice,
  stormLogIns,
]

/** What the main job goes through. */
export const MAIN_JOB_FAULTS: readonly Fault[] = [
  killApi,
  killWorker,
  rollingRestart,
  killApi,
  crashPostgres,
  breakRedis,
]
