import type { CallToolResult } from '@modelcontextprotocol/server'
import { errorData } from '../../contract/error-shape.ts'
import type { AppError } from '../../contract/errors.ts'
import { currentContext } from '../../platform/request-context.ts'
import { nextStepOf } from '../tools/next-step.ts'

/** What we put beside results, under names of our own. */
export const metaKeys = {
  /** On a call: makes a mutation happen once however often it is sent. */
  idempotencyKey: 'plinth/idempotencyKey',
  /** On an answer: this was answered before, to the same key. */
  replayed: 'plinth/idempotencyReplayed',
  traceId: 'plinth/traceId',
  /** On a failed call: the error as every surface tells it, and what to do next. */
  error: 'plinth/error',
} as const

/** A tool's value, as data and as text for clients that know no data. */
export function resultOf(value: object, replayed: boolean): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(value) }],
    structuredContent: { ...value },
    _meta: { ...traceMeta(), ...(replayed ? { [metaKeys.replayed]: true } : {}) },
  }
}

/**
 * A failed call as a model reads it: what is wrong, where, and what to do. Not as structured content, which clients check
 * against the output schema.
 */
export function errorResultOf(error: AppError, tool: string): CallToolResult {
  const data = errorData(error, tool)
  return {
    isError: true,
    content: [{ type: 'text', text: textOf(error, data.traceId) }],
    _meta: {
      ...traceMeta(),
      [metaKeys.error]: { ...data, message: error.message, nextStep: nextStepOf(error) },
    },
  }
}

function textOf(error: AppError, traceId: string): string {
  const { code, reason, message, issues, retryAfterMs } = error
  return [
    `${reason ?? code}: ${message}`,
    ...issues.map((issue) => `- ${issue.field}: ${issue.message}`),
    ...(retryAfterMs === undefined
      ? []
      : [`Wait ${Math.ceil(retryAfterMs / 1_000)} s before the next call.`]),
    `What to do: ${nextStepOf(error)}`,
    `Trace id: ${traceId}`,
  ].join('\n')
}

function traceMeta(): Record<string, string> {
  const { traceId } = currentContext() ?? {}
  return traceId === undefined ? {} : { [metaKeys.traceId]: traceId }
}
