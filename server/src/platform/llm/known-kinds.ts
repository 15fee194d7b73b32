import { createDemoProvider } from './demo/demo-provider.ts'
import type { LlmOptions } from './llm-options.ts'
import type { ProviderKind } from './provider-kind.ts'
import { sdkAdapter } from './sdk/sdk-adapter.ts'
import type { Vendor } from './sdk/sdk-models.ts'
import { anthropic } from './vendors/anthropic.ts'
import { gemini } from './vendors/gemini.ts'
import { openai } from './vendors/openai.ts'
import { openaiCompatible } from './vendors/openai-compatible.ts'

/** The kinds of providers that come with the server, in the order in which people see them. */
export function knownKinds(options: LlmOptions): readonly ProviderKind[] {
  const compatible = options.openaiCompatible
  return [
    vendorKind(openai, 'OpenAI', options.openai),
    vendorKind(anthropic, 'Anthropic', options.anthropic),
    vendorKind(gemini, 'Gemini', options.gemini),
    {
      name: 'openai-compatible',
      title: 'OpenAI-compatible server',
      platform: compatible,
      ownKey: 'key-and-address',
      // Whoever runs the configured server has given it its key; users bring an address with theirs.
      ownKeyBaseUrl: undefined,
      create: (connection) => sdkAdapter(openaiCompatible('openai-compatible'), connection),
    },
    {
      name: 'demo',
      title: 'Demo',
      platform: { baseUrl: 'demo:', apiKey: undefined },
      ownKey: 'none',
      create: () => ({ ...createDemoProvider(), countsExactly: () => true }),
    },
  ]
}

function vendorKind(vendor: Vendor, title: string, { baseUrl, apiKey }: LlmOptions['openai']): ProviderKind {
  return {
    name: vendor.name,
    title,
    platform: apiKey === undefined ? undefined : { baseUrl, apiKey },
    ownKey: 'key',
    ownKeyBaseUrl: baseUrl,
    create: (connection) => sdkAdapter(vendor, connection),
  }
}
