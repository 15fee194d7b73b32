import { basename, resolve } from 'node:path'
import { createClient, memoryTokens } from '@plinth/client'
import { signIn } from './lib/account.ts'
import { type Answer, follow, send } from './lib/ask.ts'
import { explain } from './lib/explain.ts'
import { findDocuments, readQuestions } from './lib/find-documents.ts'
import { killAndResume } from './lib/kill-and-resume.ts'
import { getOrCreateKnowledgeBase } from './lib/knowledge-base.ts'
import { type Options, readOptions } from './lib/options.ts'
import { createOutput, duration } from './lib/output.ts'
import { getOrCreateProject } from './lib/project.ts'
import { writeReport } from './lib/report.ts'
import { requireSame, storedReply } from './lib/stored-reply.ts'
import { triage } from './lib/triage.ts'
import { sendDocuments, untilReady } from './lib/upload.ts'
import { UsageError } from './lib/usage-error.ts'

/** A server that is restarted is back within seconds, and limits are waited out; every call is tried until this is over. */
const PATIENCE_MS = 300_000

/** Uploads a folder, asks questions about it, and lets an agent make tasks of what it finds. */
async function main(options: Options) {
  const { folder, baseUrl, model, parallel } = options
  const output = createOutput(process.stdout)
  const started = performance.now()
  output.line(`${basename(resolve(folder))} → ${baseUrl}\n`)
  const files = await findDocuments(folder)
  const questions = await readQuestions(folder, options.questions, options.count)

  const tokens = memoryTokens()
  const retry = { attempts: 200, baseDelayMs: 200, maxDelayMs: 1_000, waitForLimits: true }
  const client = createClient({ baseUrl, tokens, timeoutMs: PATIENCE_MS, retry })
  const account = await output.step('account', async (done) => {
    const signedIn = await signIn(client, options)
    done(signedIn.isNew ? `${signedIn.email}, new` : signedIn.email)
    return signedIn
  })
  const { project, base } = await output.step('project', async (done) => {
    const name = basename(resolve(folder))
    const found = await getOrCreateProject(client, options.project, name)
    const knowledge = await getOrCreateKnowledgeBase(client, found.project.id, name)
    done(`${found.project.slug}, knowledge base ${knowledge.isNew ? 'new' : 'there already'}`)
    return { project: found.project, base: knowledge.base }
  })

  const sent = await output.step('upload', async (done) => {
    const sending = { folder, files, knowledgeBaseId: base.id, parallel }
    const documents = await sendDocuments(client, sending, output.progress)
    done(`${documents.length} documents`)
    return documents
  })
  await output.step('read', async (done) => {
    const unreadable = await untilReady(client, base.id, sent, output.progress)
    done(`${sent.length - unreadable.length} documents can be found`)
    for (const { file, reason } of unreadable) output.line(`  ${file}: ${reason}`)
    if (unreadable.length === sent.length) throw new UsageError('None of the documents could be read.')
  })

  const answers: Answer[] = []
  for (const [index, question] of questions.entries()) {
    output.line(`\n${index + 1}. ${question}\n`)
    const asked = await send(client, question, { knowledgeBaseIds: [base.id], model })
    const { text, citations } = await follow(client, asked.replyId)
    answers.push({ question, ...asked, text, citations })
    output.answer(text, citations)
  }

  const resumed = await output.step('resume', async (done) => {
    const question = questions[0] ?? ''
    const { threadId, replyId } = await send(client, question, { knowledgeBaseIds: [base.id], model })
    const current = tokens.get()
    if (current === null || current instanceof Promise) throw new Error('There is no session.')
    const read = await killAndResume(client, { baseUrl, tokens: current, replyId })
    const stored = await storedReply(client, threadId, replyId)
    requireSame(read.text, stored.text)
    const { before, lastEventId } = read
    done(
      `killed after ${before.length} characters, went on after event ${lastEventId}: ${stored.text.length} in all`,
    )
    return { replyId, ...read, stored: stored.text }
  })

  output.line('')
  const tasks = await triage(client, output, { project, base, model, questions, yes: options.yes })
  if (options.report !== undefined) {
    await writeReport(options.report, { project, base, sent, answers, resumed, tasks })
  }
  const cited = answers.filter(({ citations }) => citations.length > 0).length
  output.line(
    `\nDone in ${duration(performance.now() - started)}. ${answers.length} answers, ${cited} with sources; ${tasks.length} tasks.`,
  )
  if (account.isNew) output.line(`Come back with --email ${account.email} --password ${account.password}`)
}

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`\n${explain(error)}\n`)
  process.exitCode = 1
}
