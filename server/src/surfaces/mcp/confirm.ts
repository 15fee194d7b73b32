import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { fail } from '../../contract/errors.ts'
import { asksPerson } from '../../contract/policy.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { toolNameOf } from '../tools/tool-name.ts'

const KEY = 'confirm'
const MOST_SHOWN = 300

/**
 * The question whether something may be taken away, given away or sent out, for a client that can put it to a person
 * and has not yet. It helps that person; it guards nothing: whoever holds the credential decides what is answered.
 * Clients that cannot ask are told by `destructiveHint`, and their call goes ahead like that of any other program.
 * @throws FORBIDDEN when the person said no
 */
export function confirmation(
  { mcpReq }: ServerContext,
  entry: RegistryEntry,
  args: Record<string, unknown>,
): InputRequiredResult | undefined {
  if (!asksPerson(entry.policy) || !canAsk(mcpReq.envelope)) return undefined
  const response = inputResponse(mcpReq.inputResponses, KEY)
  if (response.kind !== 'elicit') return question(entry, args)
  if (response.action === 'accept' && response.content?.[KEY] === true) return undefined
  throw fail('FORBIDDEN', { message: 'The user said no.' })
}

function question(entry: RegistryEntry, args: Record<string, unknown>): InputRequiredResult {
  const shown = JSON.stringify(args).slice(0, MOST_SHOWN)
  return inputRequired({
    inputRequests: {
      [KEY]: inputRequired.elicit({
        message: `${entry.summary}\n${toolNameOf(entry.path)} ${shown}`,
        requestedSchema: {
          type: 'object',
          properties: { [KEY]: { type: 'boolean', title: 'Do it', default: false } },
          required: [KEY],
        },
      }),
    },
  })
}

/** Whether the client shows forms; one that says nothing more of `elicitation` does. */
function canAsk(envelope: unknown): boolean {
  const asks = fieldOf(fieldOf(envelope, CLIENT_CAPABILITIES_META_KEY), 'elicitation')
  if (typeof asks !== 'object' || asks === null) return false
  return 'form' in asks || Object.keys(asks).length === 0
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
