import { z } from 'zod'
import { type Answer, mutate } from '../../support/http.ts'

/** Somebody with an account who is logged in. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly token: string
  /** Stands for the machine they sit at. */
  readonly address: string
}

const Registered = z.object({ user: z.object({ id: z.uuid() }), accessToken: z.string() })
const PASSWORD = 'correct-Horse 41 battery staple'
/** More would only wait for a hashing thread. */
const AT_ONCE = 4

/** Registers `count` people, each from an address of their own. */
export async function registerPeople(baseUrl: string, count: number): Promise<Person[]> {
  const people: Person[] = []
  let next = 0
  const work = async () => {
    while (next < count) {
      const number = next
      next += 1
      people[number] = await register(baseUrl, number)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return people
}

async function register(baseUrl: string, number: number): Promise<Person> {
  const email = `person-${number}@bench.example`
  const address = `10.0.${number >> 8}.${number & 255}`
  const input = { email, password: PASSWORD, fullName: `Person ${number}` }
  const answer = await mutate(baseUrl, 'auth.register', input, { headers: from({ address }) })
  const { user, accessToken } = Registered.parse(succeeded(answer))
  return { id: user.id, email, password: PASSWORD, token: accessToken, address }
}

/** The header a proxy would add for this person. */
export function from({ address }: Pick<Person, 'address'>): Record<string, string> {
  return { 'x-forwarded-for': address }
}

/**
 * The data of an answer.
 * @throws Error when the call was refused
 */
export function succeeded(answer: Answer): unknown {
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text.slice(0, 500)}`)
  return answer.data
}
