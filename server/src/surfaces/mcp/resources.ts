import {
  type ListResourcesResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  type ResourceTemplateType,
} from '@modelcontextprotocol/server'
import type { AnyTRPCRouter } from '@trpc/server'
import { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import type { CallContext } from '../../contract/call-context.ts'
import { errorData } from '../../contract/error-shape.ts'
import { fail } from '../../contract/errors.ts'
import { invoke } from '../../contract/invoke.ts'
import { refusalFor } from '../../contract/pipeline/authorise.ts'
import { normaliseError } from '../../contract/pipeline/normalise-error.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { errorGuide } from './error-guide.ts'
import type { ProcedureIndex } from './procedure-index.ts'
import { rpcCodes } from './refusal.ts'

/** One request for resources. */
export interface ResourceCall {
  readonly actor: Actor
  readonly context: CallContext
  readonly signal: AbortSignal
}

/** What a client can put into a model's context without a tool. */
export interface McpResources {
  list(call: ResourceCall): Promise<ListResourcesResult>
  templates(actor: Actor): ResourceTemplateType[]
  /** @throws ProtocolError */
  read(uri: string, call: ResourceCall): Promise<ReadResourceResult>
}

const URI = /^plinth:\/\/([a-z][a-z-]{0,40})(?:\/([\w-]{1,64}))?$/
const MOST_PROJECTS = 50
const MOST_URI = 200

const Projects = z.object({
  data: z.array(z.object({ id: z.string(), name: z.string(), description: z.string().nullable() })),
})

/**
 * Resources: how errors are to be read, what can be called, and whatever has a `get` by id, as
 * `plinth://<noun>/<id>` through that very procedure.
 */
export function createMcpResources(
  router: AnyTRPCRouter,
  registry: readonly RegistryEntry[],
  index: ProcedureIndex,
): McpResources {
  const getters = new Map(registry.filter(isGetter).map((entry) => [nounOf(entry), entry]))
  const projects = registry.find(({ path }) => path === 'projects.list')

  async function ofProjects({ actor, context, signal }: ResourceCall) {
    if (projects === undefined || !getters.has('projects')) return []
    if (refusalFor(projects.policy, actor) !== undefined) return []
    const input = { limit: MOST_PROJECTS }
    const listed = await invoke({ router, path: projects.path, kind: 'query', input, context, signal })
    return Projects.parse(listed).data.map(({ id, name, description }) => ({
      uri: `plinth://projects/${id}`,
      name,
      title: name,
      ...(description === null ? {} : { description }),
      mimeType: 'application/json',
    }))
  }

  async function textOf(uri: string, { actor, context, signal }: ResourceCall): Promise<[string, string]> {
    if (uri === 'plinth://errors') return ['text/markdown', errorGuide()]
    if (uri === 'plinth://procedures') return ['text/markdown', procedureList(index, actor)]
    const [, noun, id] = URI.exec(uri) ?? []
    const getter = noun === undefined || id === undefined ? undefined : getters.get(noun)
    if (getter === undefined) throw fail('NOT_FOUND')
    const found = await invoke({ router, path: getter.path, kind: 'query', input: { id }, context, signal })
    return ['application/json', JSON.stringify(found)]
  }

  return {
    async list(call) {
      return { resources: [...FIXED, ...(await ofProjects(call).catch(rethrow('plinth://projects')))] }
    },
    templates: (actor) =>
      [...getters]
        .filter(([, { policy }]) => refusalFor(policy, actor) === undefined)
        .map(([noun, { summary }]) => ({
          uriTemplate: `plinth://${noun}/{id}`,
          name: noun,
          description: summary,
          mimeType: 'application/json',
        })),
    async read(uri, call) {
      const [mimeType, text] = await textOf(uri, call).catch(rethrow(uri))
      return { contents: [{ uri, mimeType, text }] }
    },
  }
}

const FIXED = [
  {
    uri: 'plinth://errors',
    name: 'errors',
    title: 'Error codes',
    description: 'Every error code and reason, and what to do about it.',
    mimeType: 'text/markdown',
  },
  {
    uri: 'plinth://procedures',
    name: 'procedures',
    title: 'Procedures',
    description: 'Everything this server can do for you, in a line each.',
    mimeType: 'text/markdown',
  },
]

/** `tasks.get` and whatever else needs an id and nothing more. */
function isGetter({ path, kind, policy, input }: RegistryEntry): boolean {
  if (kind !== 'query' || policy.surfaces?.mcp === false) return false
  return /^[a-z]+\.get$/.test(path) && input?.required?.join() === 'id'
}

function nounOf({ path }: RegistryEntry): string {
  return path.slice(0, -'.get'.length)
}

function procedureList(index: ProcedureIndex, actor: Actor): string {
  const lines = index
    .all(actor)
    .map(({ name, callWith, description }) => `- \`${name}\` (${callWith}): ${description}`)
  return ['# Procedures', '', ...lines, ''].join('\n')
}

/** Errors of resources are errors of the protocol: what is not there, and the rest. */
function rethrow(uri: string): (thrown: unknown) => never {
  return (thrown) => {
    const error = normaliseError(thrown)
    const isMissing = error.code === 'NOT_FOUND' || error.code === 'BAD_REQUEST'
    const code = isMissing ? ProtocolErrorCode.InvalidParams : rpcCodes.refused
    const message = isMissing ? 'There is no such resource.' : error.message
    throw new ProtocolError(code, message, { uri: uri.slice(0, MOST_URI), ...errorData(error, undefined) })
  }
}
