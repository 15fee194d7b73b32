import { createLlmRegistry, type LlmRegistry } from '../../../server/src/platform/llm/index.ts'
import type { LlmProvider, LlmRequest } from '../../../server/src/platform/llm/llm-provider.ts'
import { createOutbound } from '../../../server/src/platform/outbound/index.ts'
import { testConfig } from '../config.ts'
import type { Vendor, VendorServer } from './vendor-server.ts'

/** The four that have an adapter of their own, as the vendor server and as Plinth call them. */
export const VENDORS = [
  { vendor: 'openai', name: 'openai', model: 'gpt-4o-mini' },
  { vendor: 'anthropic', name: 'anthropic', model: 'claude-sonnet-4-5' },
  { vendor: 'gemini', name: 'gemini', model: 'gemini-2.5-flash' },
  { vendor: 'compatible', name: 'openai-compatible', model: 'stub-large' },
] as const satisfies readonly { vendor: Vendor; name: string; model: string }[]

/** A registry whose platform accounts are all at the vendor server. */
export interface TestRegistry extends AsyncDisposable {
  readonly registry: LlmRegistry
  get(name: string): LlmProvider
}

/** Builds a registry on the vendor server; `variables` are settings. */
export function registryAt(server: VendorServer, variables: Record<string, string> = {}): TestRegistry {
  const config = testConfig({ ...server.variables(), ...variables })
  const outbound = createOutbound(config.outbound)
  const registry = createLlmRegistry(config.llm, outbound)
  return {
    registry,
    get(name) {
      const provider = registry.get(name)
      if (provider === undefined) throw new Error(`There is no provider "${name}"`)
      return provider
    },
    [Symbol.asyncDispose]: () => outbound.close(),
  }
}

/** A short question. */
export function question(model: string, changes: Partial<LlmRequest> = {}): LlmRequest {
  return {
    model,
    messages: [
      { role: 'system', text: 'Be short.' },
      { role: 'user', text: 'How are you?' },
    ],
    maxOutputTokens: 500,
    signal: AbortSignal.timeout(20_000),
    ...changes,
  }
}
