import type { RegistryEntry } from '../../contract/registry.ts'
import { namesOf } from './declarations.ts'
import { inputType } from './print-types.ts'
import { printTree, treeOf } from './tree.ts'

const HEAD = `import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server'
import type { WireErrorShape } from '../wire-error.ts'
import type * as types from './types.ts'

interface Root {
  ctx: object
  meta: object
  errorShape: WireErrorShape
  transformer: false
}

interface Definition<Input, Output> {
  input: Input
  output: Output
  meta: object
  errorShape: WireErrorShape
}

type Query<Input, Output> = TRPCQueryProcedure<Definition<Input, Output>>
type Mutation<Input, Output> = TRPCMutationProcedure<Definition<Input, Output>>
type Subscription<Input, Event> = TRPCSubscriptionProcedure<
  Definition<Input & { lastEventId?: string | undefined }, AsyncIterable<{ id: string; data: Event }>>
>
`

const LEAF = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const

/**
 * `router.ts`: the router's type for tRPC's own client and the libraries built on it. The record is a type alias:
 * as an interface it would not be assignable to tRPC's record, silently.
 */
export function printRouter(registry: readonly RegistryEntry[]): string {
  const record = printTree(treeOf(registry), leaf)
  const doc = '/** The router, for `createTRPCClient<AppRouter>` and `@trpc/tanstack-react-query`. */'
  return [
    HEAD,
    `type AppRouterRecord = ${record}\n`,
    `${doc}\nexport type AppRouter = TRPCBuiltRouter<Root, AppRouterRecord>\n`,
    `export type { RouterInputs, RouterOutputs } from './types.ts'`,
    '',
  ].join('\n')
}

function leaf(entry: RegistryEntry): string {
  const { input, output } = namesOf(entry)
  const taken = input === null ? 'void' : inputType(entry).replace(input, `types.${input}`)
  return `${LEAF[entry.kind]}<${taken}, types.${output}>`
}
