import { callProcedure } from '../../call.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printAnswer } from '../output/print-answer.ts'
import { callOptions } from './call-options.ts'
import type { Invocation } from './invocation.ts'
import { targetOf } from './target.ts'

/** Calls a query or a mutation and prints its answer. */
export async function runCall(invocation: Invocation): Promise<ExitCode> {
  const { cli, procedure, input } = invocation
  const { runtime } = await cli.connect()
  const answer = await callProcedure(runtime, targetOf(procedure), input, callOptions(invocation))
  await printAnswer(answer, cli.output, cli.terminal)
  return exitCodes.ok
}
