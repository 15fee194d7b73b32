import type { Agent, Client } from '@plinth/client'

/** What makes an agent one that triages: it searches, looks at what is there, and asks before it writes. */
export const TRIAGE = {
  name: 'Triage',
  instructions: `You triage a project: you turn what its documents say into tasks.
Search the knowledge base for what the user asks about, and list the tasks that exist already.
Then create at most five tasks, all with one call: one for each thing that has to be done or decided and is not there yet.
A title says what to do in a few words; the description quotes the sentence it comes from and names its document.
Priority 4 is for what cannot wait, 0 for what would be nice.
When an existing task says the same but less, update it instead of creating another.
Answer in the end with the tasks you created and updated, and with what the documents leave open.`,
  tools: ['knowledgeBases.search', 'tasks.list', 'tasks.createMany', 'tasks.update'],
  approve: 'writes',
  limits: { maxSteps: 10, maxSeconds: 300 },
} as const

/** The signed-in user's triage agent, made when it is not there yet. */
export async function createTriageAgent(
  client: Client,
  { model }: { readonly model?: string | undefined } = {},
): Promise<Agent> {
  const wanted = { ...TRIAGE, tools: [...TRIAGE.tools], model: model ?? null }
  const { data } = await client.agents.list.query({ limit: 100 })
  const known = data.find(({ name }) => name === TRIAGE.name)
  if (known === undefined) return await client.agents.create.mutate(wanted)
  return await client.agents.update.mutate({ id: known.id, data: wanted })
}
