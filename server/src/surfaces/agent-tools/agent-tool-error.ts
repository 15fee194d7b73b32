import { type ErrorData, errorData } from '../../contract/error-shape.ts'
import { normaliseError } from '../../contract/pipeline/normalise-error.ts'
import { nextStepOf } from '../tools/next-step.ts'

/** Why a tool failed, as every surface tells it, and what to do next. Nothing internal. */
export interface AgentToolError extends ErrorData {
  readonly message: string
  readonly nextStep: string
}

/** Whatever was thrown, as an agent is told. */
export function agentToolError(thrown: unknown, tool: string): AgentToolError {
  const error = normaliseError(thrown)
  return { ...errorData(error, tool), message: error.message, nextStep: nextStepOf(error) }
}
