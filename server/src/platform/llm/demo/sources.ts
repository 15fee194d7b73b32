import type { LlmMessage } from '../llm-provider.ts'

/** A passage that the answer may rest on. */
export interface Source {
  /** What it is cited by: `[1]`. */
  readonly mark: string
  readonly title: string
  readonly text: string
}

const BLOCK = /<source n="(\d{1,4})" title="([^"<]*)"[^<>]*>([^<]*)<\/source>/g
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }

/**
 * The sources of a conversation: `<source n="1" title="…" page="…">text</source>` in its system messages. Nobody but
 * the server writes those, and there `<` in a source's text is `&lt;`, so that a document cannot pass for two.
 */
export function sourcesIn(messages: readonly LlmMessage[]): Source[] {
  return messages.flatMap((message) =>
    message.role === 'system'
      ? Array.from(message.text.matchAll(BLOCK), ([, n = '', title = '', text = '']) => ({
          mark: `[${n}]`,
          title: unescaped(title),
          text: unescaped(text),
        }))
      : [],
  )
}

/** What the system messages say besides the sources. */
export function instructionsIn(messages: readonly LlmMessage[]): string {
  return messages
    .flatMap((message) => (message.role === 'system' ? [message.text.replace(BLOCK, '')] : []))
    .join('\n\n')
}

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (whole, name: string) => ENTITIES[name] ?? whole)
}
