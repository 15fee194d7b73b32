import { registryOf } from '../contract/registry.ts'
import { openApiDocument } from '../surfaces/openapi/index.ts'
import { restRoutes } from '../surfaces/rest/route-table.ts'
import { describeRouter } from './support/describe-router.ts'

/** Prints the OpenAPI document, for a server at the address it answers on by default. */
const registry = registryOf(await describeRouter())
const document = openApiDocument({ registry, routes: restRoutes(registry), origin: 'http://localhost:4000' })
process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
