import type { MutationFunctionContext } from '@tanstack/react-query'
import { randomKey } from '../random-key.ts'

interface Tries {
  readonly key: string
  calls: number
}

const tried = new WeakMap<object, Tries>()

/**
 * The idempotency key of the mutation that TanStack is trying: the same for each try, so that a mutation told to `retry`
 * happens once. TanStack does not say which mutation it is, so it is found among those under way with these variables:
 * one that is due a call has failed as often as it was called. Two that are due at once ask for the same thing, and
 * each key is used, whichever gets it.
 */
export function keyOfTry(
  variables: unknown,
  context: MutationFunctionContext | undefined,
): string | undefined {
  const due = context?.client.getMutationCache().find({
    predicate: (mutation) => {
      const { state } = mutation
      const calls = tried.get(mutation)?.calls ?? 0
      return state.status === 'pending' && state.variables === variables && calls === state.failureCount
    },
  })
  if (due === undefined) return undefined
  const tries = tried.get(due) ?? { key: randomKey(), calls: 0 }
  tries.calls += 1
  tried.set(due, tries)
  return tries.key
}
