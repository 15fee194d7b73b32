import { createClient, localStorageTokens } from '@plinth/client'
import { QueryClient } from '@tanstack/react-query'

/** Where the server is: `VITE_PLINTH_URL`, or a server started with `npm start` on this machine. */
const baseUrl: string = import.meta.env.VITE_PLINTH_URL ?? 'http://localhost:4000'

export const queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: 10_000 } } })

export const client = createClient({
  baseUrl,
  // Outlive a reload. On a domain of your own, `cookies: true` keeps the long-lived token out of the page's reach.
  tokens: localStorageTokens(),
  // Whoever has to log in again sees nothing of who was here before: what is on the screen is asked for anew.
  onSessionEnd: () => void queryClient.resetQueries(),
})
