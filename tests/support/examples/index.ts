import { accountExamples } from './accounts.ts'
import { agentExamples } from './agents.ts'
import { chatExamples } from './chat.ts'
import type { ExampleFactory } from './example.ts'
import { fileExamples } from './files.ts'
import { flagExamples } from './flags.ts'
import { jobExamples } from './jobs.ts'
import { knowledgeExamples } from './knowledge.ts'
import { modelExamples } from './models.ts'
import { notificationExamples } from './notifications.ts'
import { projectExamples } from './projects.ts'
import { reportExamples } from './reports.ts'
import { systemExamples } from './system.ts'
import { taskExamples } from './tasks.ts'

/** A valid call for every procedure of the server, by path. A procedure without one turns the access matrix red. */
export const examples: Readonly<Record<string, ExampleFactory>> = {
  ...accountExamples,
  ...fileExamples,
  ...projectExamples,
  ...taskExamples,
  ...flagExamples,
  ...notificationExamples,
  ...jobExamples,
  ...reportExamples,
  ...chatExamples,
  ...modelExamples,
  ...knowledgeExamples,
  ...agentExamples,
  ...systemExamples,
}
