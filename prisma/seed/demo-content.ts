/** The people of the demo; `.example` belongs to nobody (RFC 2606). */
export const DEMO_USERS = [
  { email: 'ada@demo.example', fullName: 'Ada Moreno' },
  { email: 'ben@demo.example', fullName: 'Ben Okafor' },
  { email: 'chloe@demo.example', fullName: 'Chloé Tanaka' },
] as const

export type DemoEmail = (typeof DEMO_USERS)[number]['email']

interface DemoTask {
  readonly title: string
  readonly status: 'todo' | 'doing' | 'done'
  readonly priority: number
  readonly assignee?: DemoEmail
  /** Days from the time of seeding. */
  readonly dueInDays?: number
}

interface DemoProject {
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly members: Partial<Record<DemoEmail, 'owner' | 'editor' | 'viewer'>>
  readonly tasks: readonly DemoTask[]
}

/** An agent of the first person: it reads, proposes, and writes what they agree to. */
export const DEMO_AGENT = {
  name: 'Triage',
  instructions: `You triage a project: you turn what its documents say into tasks.
Search the knowledge base for what the user asks about, and list the tasks that exist already.
Then create at most five tasks, all with one call: one for each thing that has to be done and is not there yet.
Answer in the end with the tasks you created, and with what the documents leave open.`,
  tools: ['knowledgeBases.search', 'projects.list', 'tasks.list', 'tasks.createMany', 'tasks.update'],
  approve: 'writes',
  maxSteps: 10,
  maxSeconds: 300,
} as const

/** Two projects that show every status, role and kind of due date. */
export const DEMO_PROJECTS: readonly DemoProject[] = [
  {
    name: 'Website relaunch',
    slug: 'website-relaunch',
    description: 'New design, same addresses.',
    members: { 'ada@demo.example': 'owner', 'ben@demo.example': 'editor', 'chloe@demo.example': 'viewer' },
    tasks: [
      { title: 'Agree on the page list', status: 'done', priority: 3, assignee: 'ada@demo.example' },
      { title: 'Write the imprint', status: 'done', priority: 1, assignee: 'ben@demo.example' },
      { title: 'Move images to the new server', status: 'doing', priority: 2, dueInDays: 3 },
      {
        title: 'Redirect old addresses',
        status: 'doing',
        priority: 4,
        assignee: 'ben@demo.example',
        dueInDays: 1,
      },
      { title: 'Check contrast and keyboard use', status: 'todo', priority: 3, dueInDays: 7 },
      { title: 'Measure loading time on a phone', status: 'todo', priority: 2 },
      {
        title: 'Announce the new site',
        status: 'todo',
        priority: 1,
        assignee: 'ada@demo.example',
        dueInDays: 14,
      },
    ],
  },
  {
    name: 'Autumn workshop',
    slug: 'autumn-workshop',
    description: 'Two days, thirty people, one room.',
    members: { 'chloe@demo.example': 'owner', 'ada@demo.example': 'editor' },
    tasks: [
      { title: 'Book the room', status: 'done', priority: 4, assignee: 'chloe@demo.example', dueInDays: -10 },
      {
        title: 'Invite the speakers',
        status: 'doing',
        priority: 3,
        assignee: 'ada@demo.example',
        dueInDays: -1,
      },
      { title: 'Order name badges', status: 'todo', priority: 1, dueInDays: 5 },
      { title: 'Print the timetable', status: 'todo', priority: 0 },
      {
        title: 'Collect feedback',
        status: 'todo',
        priority: 2,
        assignee: 'chloe@demo.example',
        dueInDays: 30,
      },
    ],
  },
]
