import { contractVersion } from '../../contract/client-version.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { callProcedureTool } from './call-procedure-tool.ts'
import { createJobFollower } from './follow-job.ts'
import type { McpParts } from './mcp-server.ts'
import { createProcedureIndex } from './procedure-index.ts'
import { procedureTool } from './procedure-tool.ts'
import { createMcpResources } from './resources.ts'
import { searchTool } from './search-tool.ts'
import type { McpTool } from './tool.ts'
import { waitForEventsTool } from './wait-for-events-tool.ts'

/** Builds tools and resources from the registry, once. @throws Error for what cannot be a tool */
export function createMcpParts({ router, registry }: Pick<SurfaceOptions, 'router' | 'registry'>): McpParts {
  const index = createProcedureIndex(registry)
  const runner = { router, jobs: createJobFollower(router, registry) }
  const tools: readonly McpTool[] = [
    ...index.listed.map((entry) => procedureTool(runner, entry)),
    searchTool(index),
    callProcedureTool(index, runner),
    waitForEventsTool(index, router),
  ]
  return {
    tools: new Map(tools.map((tool) => [tool.definition.name, tool])),
    resources: createMcpResources(router, registry, index),
    version: contractVersion,
  }
}
