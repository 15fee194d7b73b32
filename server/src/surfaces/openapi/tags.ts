/** What a module is about, by the first part of its procedures' names. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  agents: 'Instructions, a model and tools that work for you, with your rights.',
  apiKeys: 'How programs log in.',
  audit: 'Who did what to what.',
  auth: 'Accounts, sessions and passwords.',
  budgets: 'What users may use of models.',
  chat: 'Conversations with a model, answered from your documents.',
  documents: 'What knowledge bases are made of.',
  files: 'Files of a user or a project. Their bytes are at `GET /files/<id>`.',
  flags: 'Which features are on for whom.',
  jobs: 'Background work: how far it is, and what it came to.',
  knowledgeBases: 'Documents that are searched together.',
  models: 'The language models there are, and what they cost.',
  notifications: 'What a user should know of.',
  projects: 'Projects, and who is in them.',
  providers: 'Where models are asked, and your own keys there.',
  reports: 'A project’s figures, made by a job.',
  system: 'The server itself.',
  tasks: 'The work in a project.',
  usage: 'What models were used for, and what it cost.',
  users: 'Accounts as their owners and admins see them.',
}

/** The module a procedure belongs to. */
export function tagOf(path: string): string {
  return path.split('.', 1)[0] ?? path
}

/** One line about a module. */
export function tagDescription(name: string): string {
  return DESCRIPTIONS[name] ?? `What can be done with ${name}.`
}
