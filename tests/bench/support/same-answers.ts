import { z } from 'zod'
import { send } from '../../support/http.ts'
import { succeeded } from './people.ts'
import type { Contender } from './rounds.ts'

const List = z.object({ data: z.array(z.object({ id: z.string(), title: z.string() })).length(20) })

/**
 * Asks both servers everything once.
 * @throws Error unless they answer with the same twenty tasks in the same order
 */
export async function requireSameAnswers(one: Contender, other: Contender): Promise<void> {
  for (let index = 0; index < one.requests.length; index += 1) {
    const [left, right] = await Promise.all([tasksOf(one, index), tasksOf(other, index)])
    if (left !== right) throw new Error(`${one.name} and ${other.name} differ on request ${index}`)
  }
}

async function tasksOf({ server, requests }: Contender, index: number): Promise<string> {
  const request = requests[index]
  if (request === undefined) throw new Error(`There is no request ${index}`)
  const answer = await send(`${server.baseUrl}${request.path}`, { headers: request.headers })
  return JSON.stringify(List.parse(succeeded(answer)))
}
