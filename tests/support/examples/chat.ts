import { newIds } from '../../../server/src/platform/ids.ts'
import type { PrincipalName } from '../principals.ts'
import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

/** Examples of `chat.*`. */
export const chatExamples: Record<string, ExampleFactory> = {
  'chat.threads.create': async () => ({ input: { title: 'Pumps' } }),
  'chat.threads.get': async (world, caller) => ({ input: { id: await addThread(world, caller) } }),
  'chat.threads.list': async (world, caller) => {
    await addThread(world, caller)
    return { input: { limit: 5 } }
  },
  'chat.threads.update': async (world, caller) => ({
    input: { id: await addThread(world, caller), data: { title: 'Valves', knowledgeBaseIds: [] } },
  }),
  'chat.threads.delete': async (world, caller) => ({ input: { id: await addThread(world, caller) } }),
  'chat.messages.list': async (world, caller) => {
    const { threadId } = await addReply(world, caller, 'done')
    return { input: { threadId, limit: 5 } }
  },
  'chat.send': async (world, caller) => ({
    input: { threadId: await addThread(world, caller), text: 'Which valves are there?' },
  }),
  'chat.stop': async (world, caller) => {
    const { replyId } = await addReply(world, caller, 'done')
    return { input: { replyId } }
  },
  'chat.retry': async (world, caller) => {
    const { replyId } = await addReply(world, caller, 'interrupted')
    return { input: { replyId } }
  },
  'chat.stream': async (world, caller) => {
    const { replyId } = await addReply(world, caller, 'streaming')
    return { input: { replyId } }
  },
}

/** A thread of the caller's. */
async function addThread({ server, principals }: World, caller: PrincipalName): Promise<string> {
  const { id } = await server.database.prisma.thread.create({
    data: { userId: principals[caller].id, title: 'Pumps' },
    select: { id: true },
  })
  return id
}

/** A reply of the caller's that nobody writes any more. */
async function addReply(world: World, caller: PrincipalName, state: 'done' | 'interrupted' | 'streaming') {
  const { prisma } = world.server.database
  const threadId = await addThread(world, caller)
  const [questionId = '', replyId = ''] = newIds(2, new Date())
  await prisma.message.createMany({
    data: [
      { id: questionId, threadId, role: 'user', state: 'done', text: 'How many pumps are there?' },
      { id: replyId, threadId, role: 'assistant', state, answersId: questionId, text: 'Two.', revision: 3 },
    ],
  })
  const pieces = ['T', 'wo', '.']
  await prisma.event.createMany({
    data: pieces.map((text, index) => ({
      stream: `reply:${replyId}`,
      id: index + 1,
      type: 'delta',
      data: { text, at: pieces.slice(0, index + 1).join('').length },
    })),
  })
  return { threadId, replyId }
}
