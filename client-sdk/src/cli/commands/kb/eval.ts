import path from 'node:path'
import { callProcedure } from '../../../call.ts'
import type { Cli } from '../../cli.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { Failure } from '../../failure.ts'
import { printAnswer } from '../../output/print-answer.ts'
import { showProgress } from '../../output/progress.ts'
import { isRecord } from '../../records.ts'
import { UsageError } from '../../usage-error.ts'
import type { CommandCall } from '../command.ts'
import { readCollection } from './collection.ts'
import { compare } from './evaluate.ts'
import { fillBase } from './fill-base.ts'

/** `plinth kb eval <folder>`: how well the server finds what people judged relevant. */
export async function evaluateSearch(cli: Cli, { flags }: CommandCall): Promise<ExitCode> {
  const [verb, folder, ...more] = flags.positionals
  if (verb !== 'eval' || folder === undefined || more.length > 0)
    throw new UsageError('Say: plinth kb eval <folder>')
  const collection = await readCollection(folder)
  const { runtime } = await cli.connect()
  const { signal } = cli.terminal
  const given = flags.value('knowledge-base')
  const knowledgeBaseId = given ?? (await createBase())
  const progress = showProgress(cli.terminal, cli.flags.quiet, 'kb eval')
  const onProgress = progress.show
  try {
    const shared = { runtime, signal, knowledgeBaseId, onProgress }
    const documentIds = await fillBase({ ...shared, documents: collection.documents })
    const compared = await compare({ ...shared, collection, documentIds })
    progress.end()
    await printAnswer(cli.output === 'table' ? compared.map(rounded) : compared, cli.output, cli.terminal)
    cli.say(`${collection.documents.length} documents, ${collection.queries.length} queries with judgements.`)
    return exitCodes.ok
  } finally {
    progress.end()
    if (given === undefined) await leave()
  }

  async function createBase(): Promise<string> {
    const name = `Evaluation of ${path.basename(path.resolve(folder ?? ''))}`.slice(0, 200)
    const target = { path: 'knowledgeBases.create', kind: 'mutation' } as const
    const answer = await callProcedure(runtime, target, { name }, { signal })
    if (isRecord(answer) && typeof answer.id === 'string') return answer.id
    throw new Failure(exitCodes.failed, 'knowledgeBases.create answered without an id.')
  }

  /** Also after an interruption, so not with its signal. */
  async function leave(): Promise<void> {
    if (flags.has('keep')) return cli.say(`Kept: --knowledge-base ${knowledgeBaseId}`)
    await callProcedure(runtime, { path: 'knowledgeBases.delete', kind: 'mutation' }, { id: knowledgeBaseId })
  }
}

function rounded({ search, recall10, recall100, ndcg10, mrr }: Awaited<ReturnType<typeof compare>>[number]) {
  const short = (value: number) => value.toFixed(4)
  return {
    search,
    'recall@10': short(recall10),
    'recall@100': short(recall100),
    'nDCG@10': short(ndcg10),
    MRR: short(mrr),
  }
}
