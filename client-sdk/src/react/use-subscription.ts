'use client'

import { hashKey } from '@tanstack/react-query'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { SubscriptionOptions, SubscriptionResult } from './subscription.ts'
import { createSubscriptionStore, type SubscriptionStore } from './subscription-store.ts'

interface Held<Data, Failure> {
  readonly id: string
  readonly store: SubscriptionStore<Data, Failure>
}

/**
 * Keeps a stream open while the component is there: it resumes by itself after a lost connection, and begins anew when
 * its input changes. The component renders again only for what it reads of the result.
 */
export function useSubscription<Data, Failure>(
  options: SubscriptionOptions<Data, Failure>,
): SubscriptionResult<Data, Failure> {
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })
  const [round, setRound] = useState(0)
  const id = `${hashKey(options.queryKey)} ${options.enabled} ${round}`
  const fresh = (): Held<Data, Failure> => ({
    id,
    store: createSubscriptionStore(options.enabled, () => latest.current),
  })
  const [held, setHeld] = useState(fresh)
  let { store } = held
  if (held.id !== id) {
    const next = fresh()
    store = next.store
    setHeld(next)
  }
  useSyncExternalStore(store.subscribe, store.version, store.version)
  return tracked(store, () => setRound((before) => before + 1))
}

function tracked<Data, Failure>(
  store: SubscriptionStore<Data, Failure>,
  reset: () => void,
): SubscriptionResult<Data, Failure> {
  const result = { ...store.state(), reset }
  for (const field of ['status', 'data', 'error'] as const) {
    Object.defineProperty(result, field, {
      enumerable: true,
      get() {
        store.watch(field)
        return store.state()[field]
      },
    })
  }
  return result
}
