import type { UseMutationOptions } from '@tanstack/react-query'
import type { JobHandle } from '../job-handle.ts'
import type { CallOptions, UploadOptions } from '../options.ts'
import type { PlinthKey } from './keys.ts'
import type { Leaf } from './leaf.ts'

interface In<Input, Output, Failure, Context, Call>
  extends Omit<UseMutationOptions<Output, Failure, Input, Context>, 'mutationKey' | 'mutationFn'> {
  /** For the call itself: its time limit, how it is tried again, the progress of an upload. */
  readonly call?: Call | undefined
}

interface MutationOptions<Input, Output, Failure, Context>
  extends UseMutationOptions<Output, Failure, Input, Context> {
  mutationKey: PlinthKey
  mutationFn: NonNullable<UseMutationOptions<Output, Failure, Input, Context>['mutationFn']>
}

interface AnyMutationLeaf<Input, Output, Failure, Call> extends Leaf<Input, Output, Failure> {
  /**
   * Options for `useMutation`; what is mutated is given to `mutate`. Told to `retry`, TanStack tries with the idempotency
   * key of the first try.
   */
  mutationOptions<Context = unknown>(
    options?: In<Input, Output, Failure, Context, Call>,
  ): MutationOptions<Input, Output, Failure, Context>
  /** For `useIsMutating`, `useMutationState` and `setMutationDefaults`. */
  mutationKey(): PlinthKey
}

type MutationCall = Omit<CallOptions, 'idempotencyKey'>
type UploadCall = Omit<UploadOptions, 'idempotencyKey'>

/** A mutation, for TanStack Query. */
export interface MutationLeaf<Input, Output, Failure>
  extends AnyMutationLeaf<Input, Output, Failure, MutationCall> {}

/** A mutation that takes a file. */
export interface UploadLeaf<Input, Output, Failure>
  extends AnyMutationLeaf<Input, Output, Failure, UploadCall> {}

/** A mutation that takes a file and whose work goes on as a job; its data is also the job’s handle. */
export interface JobUploadLeaf<Input, Output, Result, Failure>
  extends AnyMutationLeaf<Input, Output & JobHandle<Result>, Failure, UploadCall> {}

/** A mutation whose work goes on as a job; its data is also the job’s handle. */
export interface JobMutationLeaf<Input, Output, Result, Failure>
  extends AnyMutationLeaf<Input, Output & JobHandle<Result>, Failure, MutationCall> {}
