import { callProcedure } from '../../call.ts'
import { type JobHandle, withHandle } from '../../job-handle.ts'
import { isPlinthError } from '../../plinth-error.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printAnswer } from '../output/print-answer.ts'
import { showProgress } from '../output/progress.ts'
import { oneLine } from '../output/sanitise.ts'
import { callOptions } from './call-options.ts'
import type { Invocation } from './invocation.ts'
import { targetOf } from './target.ts'

type Started = JobHandle<unknown> & { readonly jobId: string }

/** Begins a job and prints what the server says of it, or with `--wait` what the job answers in the end. */
export async function runJob(invocation: Invocation): Promise<ExitCode> {
  const { cli, procedure, input } = invocation
  const { runtime } = await cli.connect()
  const answer = await callProcedure(runtime, targetOf(procedure), input, callOptions(invocation))
  return await printJob(invocation, answer)
}

/** Prints what a call that began a job answered, or with `--wait` what the job answers in the end. */
export async function printJob(invocation: Invocation, answer: unknown): Promise<ExitCode> {
  const { cli, procedure, flags } = invocation
  const { runtime } = await cli.connect()
  const job = withHandle(runtime, procedure.path, answer)
  if (!flags.has('wait') || !isStarted(job)) {
    await printAnswer(answer, cli.output, cli.terminal)
    if (isStarted(job) && cli.terminal.errIsTerminal)
      cli.say(`It goes on as a job. Look: plinth jobs get ${oneLine(job.jobId)}`)
    return exitCodes.ok
  }
  await printAnswer(await waitFor(job, invocation), cli.output, cli.terminal)
  return exitCodes.ok
}

async function waitFor(job: Started, { cli, procedure }: Invocation): Promise<unknown> {
  const { terminal, flags } = cli
  const progress = showProgress(terminal, flags.quiet, procedure.path)
  const over = new AbortController()
  const shown = followProgress(job, AbortSignal.any([over.signal, terminal.signal]), progress.show)
  try {
    return await job.result({ signal: terminal.signal, timeoutMs: flags.timeoutMs })
  } catch (error) {
    progress.end()
    const id = oneLine(job.jobId)
    if (isPlinthError(error) && (error.code === 'ABORTED' || error.code === 'TIMEOUT'))
      cli.say(`The job goes on. Look: plinth jobs get ${id}; stop it: plinth jobs cancel ${id}`)
    throw error
  } finally {
    over.abort()
    await shown
    progress.end()
  }
}

/** Progress is only shown: that it cannot be had fails nothing. */
async function followProgress(
  job: Started,
  signal: AbortSignal,
  show: (done: number, total: number) => void,
): Promise<void> {
  try {
    for await (const { current, total } of job.progress({ signal })) show(current, total)
  } catch {
    // The result says what there is to say.
  }
}

function isStarted(job: unknown): job is Started {
  return typeof job === 'object' && job !== null && 'jobId' in job && 'result' in job && 'progress' in job
}
