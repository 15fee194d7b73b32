import { expectOk } from '../expect-clean.ts'
import { mutate } from '../http.ts'
import { textOf } from '../people.ts'
import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

/** Examples of `files.*`. */
export const fileExamples: Record<string, ExampleFactory> = {
  'files.upload': async (world) => ({
    input: { projectId: world.alpha.projectId, file: new File(['some text'], 'notes.txt') },
  }),
  'files.get': async (world) => ({ input: { id: await addFile(world) } }),
  'files.list': async (world) => ({ input: { projectId: world.alpha.projectId, limit: 5 } }),
  'files.delete': async (world) => ({ input: { id: await addFile(world) } }),
  'files.link': async (world) => ({ input: { id: await addFile(world) } }),
}

/** A new file in the project that examples name; returns its id. */
async function addFile({ server, alpha, principals }: World): Promise<string> {
  const input = { projectId: alpha.projectId, file: new File(['some text'], 'notes.txt') }
  const answer = await mutate(server.baseUrl, 'files.upload', input, { token: principals.owner.token })
  return textOf(expectOk(answer), 'id')
}
