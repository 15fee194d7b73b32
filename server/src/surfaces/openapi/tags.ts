/** What a module is about, by the first part of its procedures' names. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  apiKeys: 'How programs log in.',
  audit: 'Who did what to what.',
  auth: 'Accounts, sessions and passwords.',
  files: 'Files of a user or a project. Their bytes are at `GET /files/<id>`.',
  flags: 'Which features are on for whom.',
  jobs: 'Background work: how far it is, and what it came to.',
  notifications: 'What a user should know of.',
  projects: 'Projects, and who is in them.',
  reports: 'A project’s figures, made by a job.',
  tasks: 'The work in a project.',
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
