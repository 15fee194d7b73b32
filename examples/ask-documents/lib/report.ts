import { writeFile } from 'node:fs/promises'
import type { KnowledgeBase, Project, Task } from '@plinth/client'
import type { Answer } from './ask.ts'
import type { Resumed } from './kill-and-resume.ts'
import type { Sent } from './upload.ts'

/** What a run leaves to look at. */
export interface Outcome {
  readonly project: Project
  readonly base: KnowledgeBase
  readonly sent: readonly Sent[]
  readonly answers: readonly Answer[]
  readonly resumed: Resumed & { readonly replyId: string; readonly stored: string }
  readonly tasks: readonly Task[]
}

/** Writes what was asked, answered, cited and made. */
export async function writeReport(file: string, { project, base, sent, answers, resumed, tasks }: Outcome) {
  const documents = sent.map(({ file: name, documentId }) => ({ file: name, documentId }))
  const report = { projectId: project.id, knowledgeBaseId: base.id, documents, answers, resumed, tasks }
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
}
