import { registryOf } from '../../../server/src/contract/registry.ts'
import { restRoutes } from '../../../server/src/surfaces/rest/route-table.ts'
import { syntheticRouter } from '../synthetic-router.ts'

/** Prints in milliseconds what the registry, the routes and then all schemas of `argv[2]` procedures take. */
const router = syntheticRouter(Number(process.argv[2]))
const [registry, made] = timed(() => registryOf(router))
const [routes] = timed(() => restRoutes(made))
const [schemas] = timed(() => JSON.stringify(made))
process.stdout.write(JSON.stringify({ registry, routes, schemas }))

function timed<T>(work: () => T): [number, T] {
  const started = performance.now()
  const result = work()
  return [performance.now() - started, result]
}
