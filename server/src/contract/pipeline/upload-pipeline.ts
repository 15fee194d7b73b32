import type { z } from 'zod'
import type { Actor } from '../actor.ts'
import type { CallContext } from '../call-context.ts'
import { fail } from '../errors.ts'
import type { UploadPolicy } from '../policy.ts'
import type { UnitOfWork } from '../unit-of-work.ts'
import type { UploadedFile, UploadFields } from '../upload.ts'
import {
  type AdmittedCall,
  admitCaller,
  type Execute,
  Handed,
  inputParser,
  type ProcedureCall,
  parser,
  signalOf,
} from './execute.ts'
import { observe } from './observe.ts'
import { type ReceivedUpload, receiveUpload } from './receive-upload.ts'
import { runMutation } from './run-mutation.ts'

interface Given<Fields> {
  readonly actor: Actor | null
  readonly input: Fields
  readonly context: CallContext
  readonly signal: AbortSignal | undefined
}

/** What differs from upload to upload. */
export interface UploadPipeline<I extends z.ZodObject> {
  readonly policy: UploadPolicy
  /** The fields beside the file. */
  readonly input: I
  readonly output: z.ZodType
  readonly admit: ((call: Given<z.output<I>>) => Promise<void>) | undefined
  readonly run: (
    call: Given<z.output<I>> & { readonly file: UploadedFile; readonly unit: UnitOfWork<unknown> },
  ) => Promise<unknown>
}

/** {@link pipeline} for a mutation that takes a file, which is read once the caller is let in. */
export function uploadPipeline<I extends z.ZodObject>(upload: UploadPipeline<I>): Execute {
  const { policy } = upload
  const readFields = inputParser(upload.input)
  const shape = parser(upload.output)
  return (call) => {
    const { path, context } = call
    let fields: UploadFields = {}
    return observe({ context, path, type: 'mutation', input: () => fields }, async () => {
      const actor = await admitCaller(policy, path, context)
      const received = await receive(upload, call, actor)
      fields = received.fields
      let succeeded = false
      try {
        await requireStill(actor, context)
        const answer = await keep(upload, { call, actor, input: await readFields(fields) }, received)
        const shaped = await shape(answer)
        succeeded = true
        return shaped
      } finally {
        await received.release(succeeded)
      }
    })
  }
}

function receive<I extends z.ZodObject>(
  { policy, input, admit }: UploadPipeline<I>,
  { path, context, signal }: ProcedureCall,
  actor: Actor | null,
): Promise<ReceivedUpload> {
  const admitFields = async (before: UploadFields): Promise<void> => {
    const early = input.safeParse(before)
    // What is missing may come after the file.
    if (early.success) await admit?.({ actor, input: early.data, context, signal: signalOf(signal) })
  }
  return receiveUpload({ path, rule: policy.upload, actor, context, admit: admitFields })
}

function keep<I extends z.ZodObject>(
  { policy, output, run }: UploadPipeline<I>,
  admitted: AdmittedCall<z.output<I>>,
  { digest, file }: ReceivedUpload,
): Promise<unknown> {
  const { call, actor } = admitted
  const { path, context } = call
  const given = new Handed(admitted)
  const whole = { ...given.input, file: digest }
  return runMutation({ path, batchIndex: 0, policy, actor, input: whole, output, context }, async (unit) => {
    // The answer to be repeated was forgotten while its file was read again.
    if (file === undefined) throw fail('SERVICE_UNAVAILABLE')
    return run(Object.assign(given, { file, unit }))
  })
}

/** A file may be minutes on its way. @throws UNAUTHORIZED when the caller's credential ended meanwhile */
async function requireStill(actor: Actor | null, { runtime }: CallContext): Promise<void> {
  if (actor !== null && !(await runtime.authenticator.stillValid(actor))) throw fail('UNAUTHORIZED')
}
