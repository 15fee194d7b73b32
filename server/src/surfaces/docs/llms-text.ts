import { exampleInput } from '../../contract/example-input.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { codeSamples } from '../openapi/code-samples.ts'
import { introduction } from '../openapi/introduction.ts'
import { tagDescription, tagOf } from '../openapi/tags.ts'
import { REST_BASE, type RestRoute } from '../rest/route.ts'
import { reasonsOf } from '../sdk/procedure-errors.ts'

/** `/llms.txt` (https://llmstxt.org): what there is, one line each, with where to read on. */
export function indexText(
  registry: readonly RegistryEntry[],
  routes: readonly RestRoute[],
  origin: string,
): string {
  return document(origin, registry, (entry) => `- ${lineOf(entry, routes)}`)
}

/** `/llms-full.txt`: the same, and how each is called. */
export function fullText(
  registry: readonly RegistryEntry[],
  routes: readonly RestRoute[],
  origin: string,
): string {
  const procedures = document(origin, registry, (entry) => detailsOf(entry, routes, origin))
  return `${procedures}\n${introduction()}`
}

function document(
  origin: string,
  registry: readonly RegistryEntry[],
  print: (entry: RegistryEntry) => string,
): string {
  const modules = [...new Set(registry.map(({ path }) => tagOf(path)))].map((name) => {
    const entries = registry.filter(({ path }) => tagOf(path) === name)
    return `## ${name}\n\n${tagDescription(name)}\n\n${entries.map(print).join('\n')}\n`
  })
  return `# Plinth API

> Every procedure can be called as a REST operation below \`${origin}${REST_BASE}\`, as a function of the SDK
> \`@plinth/client\`, as a command of \`plinth\`, and as an MCP tool at \`${origin}/mcp\`.

- [OpenAPI 3.1](${origin}/openapi.json): every operation with its schemas
- [Errors](${origin}/docs/errors): what failed answers say
- [All of it in one text](${origin}/llms-full.txt)

${modules.join('\n')}`
}

function lineOf(entry: RegistryEntry, routes: readonly RestRoute[]): string {
  const route = routes.find((one) => one.entry.path === entry.path)
  const address = route === undefined ? '' : ` (\`${route.method} ${REST_BASE}${route.path}\`)`
  return `\`${entry.path}\`${address}: ${entry.summary}`
}

function detailsOf(entry: RegistryEntry, routes: readonly RestRoute[], origin: string): string {
  const route = routes.find((one) => one.entry.path === entry.path)
  const samples = route === undefined ? [] : codeSamples(route, origin)
  return [
    `### ${lineOf(entry, routes)}`,
    entry.description ?? '',
    `Input: \`${JSON.stringify(exampleInput(entry) ?? null)}\`. Reasons it fails for: ${reasonsOf(entry).join(', ')}.`,
    ...samples.map(
      ({ lang, label, source }) => `${label}:\n\n\`\`\`${lang.toLowerCase()}\n${source}\n\`\`\``,
    ),
    '',
  ]
    .filter((part, index, all) => part !== '' || index === all.length - 1)
    .join('\n\n')
}
