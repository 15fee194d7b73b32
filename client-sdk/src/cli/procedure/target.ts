import type { Target } from '../../call.ts'
import type { Procedure } from '../contract/contract.ts'

/** A procedure as the SDK calls it: with facts from the contract where the generated client has a list. */
export function targetOf({ path, kind, batch, jobResult, upload }: Procedure): Target {
  return {
    path,
    kind,
    ...(batch ? { batch } : {}),
    ...(jobResult === undefined ? {} : { job: true }),
    ...(upload ? { upload } : {}),
  }
}
