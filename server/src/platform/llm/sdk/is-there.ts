import type { ProviderConnection } from '../provider-kind.ts'

/** Whether a provider answers and takes this key: asks for its list of models. Servers without one are there too. */
export async function isThere(
  { baseUrl, fetch }: ProviderConnection,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<boolean> {
  const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/models`, { headers, signal })
  await response.body?.cancel()
  return response.ok || response.status === 404 || response.status === 405
}
