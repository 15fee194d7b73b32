'use client'

import { createContext, createElement, type ReactElement, type ReactNode, useContext, useMemo } from 'react'
import type { Client } from '../generated/client.ts'
import type { PlinthOptions } from '../generated/react.ts'
import { createQueryOptions, type QueryOptionsSettings } from './create-query-options.ts'

interface Provided {
  readonly client: Client
  readonly options: PlinthOptions
}

const Context = createContext<Provided | null>(null)

/** What {@link PlinthProvider} is given. */
export interface PlinthProviderProps extends QueryOptionsSettings {
  readonly client: Client
  readonly children?: ReactNode
}

/** Gives a client to the components below: on a server one for each request, in a browser one for the page. */
export function PlinthProvider({ client, keyPrefix, children }: PlinthProviderProps): ReactElement {
  const value = useMemo(
    () => ({ client, options: createQueryOptions(client, { keyPrefix }) }),
    [client, keyPrefix],
  )
  return createElement(Context.Provider, { value }, children)
}

/** Options and keys for TanStack Query, over the client of the nearest {@link PlinthProvider}. */
export function usePlinth(): PlinthOptions {
  return useProvided().options
}

/** The client of the nearest {@link PlinthProvider}, for calls outside of TanStack Query. */
export function usePlinthClient(): Client {
  return useProvided().client
}

function useProvided(): Provided {
  const provided = useContext(Context)
  if (provided === null) throw new Error('There is no client here: put a <PlinthProvider client={…}> above.')
  return provided
}
