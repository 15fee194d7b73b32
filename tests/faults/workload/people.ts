import { randomUUID } from 'node:crypto'
import type { Client } from '@plinth/client'
import type { Sdk } from './sdk.ts'

const PASSWORD = 'correct-Horse 41 battery staple'

/** Somebody with an account, and a client that is logged in. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly client: Client
  /** The refresh token of the registration. */
  readonly refreshToken: string
  /** Whether the client was told that its session is over; nobody here ever logs out. */
  lostSession(): boolean
}

/** Where people work. */
export interface Place {
  readonly sdk: Sdk
  readonly baseUrl: string
  /** Watches what passes. */
  readonly fetch?: typeof globalThis.fetch
}

/** An address of the network set aside for benchmarks, so that one machine can stand for many. */
let addresses = 0
export function newAddress(): string {
  addresses += 1
  return `198.18.${(addresses >> 8) & 255}.${addresses & 255}`
}

/** Registers somebody, calling from an address of their own as the proxy in front tells it. */
export async function registerPerson(place: Place, name: string): Promise<Person> {
  const { sdk, baseUrl, fetch } = place
  let lost = false
  const client = sdk.createClient({
    baseUrl,
    ...(fetch === undefined ? {} : { fetch }),
    headers: { 'x-forwarded-for': newAddress() },
    onSessionEnd: () => {
      lost = true
    },
  })
  const email = `${name}-${randomUUID()}@faults.example`
  const { user, refreshToken } = await client.auth.register.mutate({
    email,
    password: PASSWORD,
    fullName: name,
  })
  return {
    id: user.id,
    email,
    password: PASSWORD,
    client,
    refreshToken: refreshToken ?? '',
    lostSession: () => lost,
  }
}

/** Registers several, in the order of their names. */
export async function registerPeople(place: Place, names: readonly string[]): Promise<Person[]> {
  const people: Person[] = []
  // A few at once: each costs a password hash.
  for (let from = 0; from < names.length; from += 4) {
    const some = names.slice(from, from + 4)
    people.push(...(await Promise.all(some.map((name) => registerPerson(place, name)))))
  }
  return people
}
