import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { callProcedure } from '../../call.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printAnswer } from '../output/print-answer.ts'
import { showProgress } from '../output/progress.ts'
import { UsageError } from '../usage-error.ts'
import { callOptions } from './call-options.ts'
import type { Invocation } from './invocation.ts'
import { targetOf } from './target.ts'

/** Sends a file, read as it is sent, and prints the answer. */
export async function runUpload(invocation: Invocation): Promise<ExitCode> {
  const { cli, procedure, flags, input } = invocation
  const file = await open(flags.value('file') ?? '')
  const { runtime } = await cli.connect()
  const progress = showProgress(cli.terminal, cli.flags.quiet, file.name)
  try {
    const options = {
      ...callOptions(invocation),
      onUploadProgress: ({ sent, total }: { sent: number; total: number }) => progress.show(sent, total),
    }
    const answer = await callProcedure(runtime, targetOf(procedure), { ...input, file }, options)
    progress.end()
    if (procedure.jobResult !== undefined)
      return await (await import('./run-job.ts')).printJob(invocation, answer)
    await printAnswer(answer, cli.output, cli.terminal)
    return exitCodes.ok
  } finally {
    progress.end()
  }
}

async function open(file: string): Promise<File> {
  try {
    if (!(await stat(file)).isFile()) throw new Error('it is no file')
    return new File([await openAsBlob(file)], path.basename(file))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`--file: ${file} cannot be read (${why}).`)
  }
}
