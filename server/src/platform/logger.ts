import winston from 'winston'
import { currentContext } from './request-context.ts'

/** What a log line can carry beside its message; values are JSON. */
export type LogFields = Record<string, unknown>

/** Structured logging. Every line inside a request carries its trace id. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** How lines look and which are written. */
export interface LoggerOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'silent'
  readonly format: 'json' | 'pretty'
  /** Where lines go; standard output unless a test collects them. */
  readonly stream?: NodeJS.WritableStream
}

const SECRET_FIELD = /password|secret|token|authorization|cookie|apikey|^key$/i
const MAX_TEXT = 2_000
const MAX_DEPTH = 6

/** A winston logger that redacts fields named like secrets and cuts long text, so that no line floods the log. */
export function createLogger(options: LoggerOptions): Logger {
  const logger = winston.createLogger({
    level: options.level === 'silent' ? 'error' : options.level,
    silent: options.level === 'silent',
    format: options.format === 'json' ? winston.format.printf(jsonLine) : winston.format.printf(prettyLine),
    transports: [
      options.stream === undefined
        ? new winston.transports.Console()
        : new winston.transports.Stream({ stream: options.stream }),
    ],
  })
  const write = (level: string) => (message: string, fields?: LogFields) => {
    const traceId = currentContext()?.traceId
    logger.log({ level, message, fields: traceId === undefined ? fields : { traceId, ...fields } })
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function jsonLine(line: winston.Logform.TransformableInfo): string {
  return JSON.stringify({
    time: new Date().toISOString(),
    level: line.level,
    message: cut(String(line.message)),
    ...redactedFields(line.fields),
  })
}

function prettyLine(line: winston.Logform.TransformableInfo): string {
  const fields = Object.entries(redactedFields(line.fields))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? printable(value) : JSON.stringify(value)}`)
  const time = new Date().toISOString().slice(11, 23)
  return [time, line.level.padEnd(5), printable(cut(String(line.message))), ...fields].join(' ')
}

/** User text must not forge lines or send terminal sequences. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) =>
    JSON.stringify(char).slice(1, -1),
  )
}

function redactedFields(fields: unknown): LogFields {
  const clean = redact(fields, '', 0)
  return typeof clean === 'object' && clean !== null ? { ...clean } : {}
}

function redact(value: unknown, name: string, depth: number): unknown {
  if (SECRET_FIELD.test(name) && value !== undefined && value !== null) return '[redacted]'
  if (typeof value === 'string') return cut(value)
  if (value instanceof Error) return errorFields(value, depth)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) return value.slice(0, 20).map((item) => redact(item, '', depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .map(([key, item]) => [key, redact(item, key, depth + 1)]),
  )
}

function errorFields(error: Error, depth: number): LogFields {
  return {
    name: error.name,
    message: cut(error.message),
    stack: cut(error.stack ?? ''),
    ...(error.cause === undefined || depth >= MAX_DEPTH
      ? {}
      : { cause: redact(error.cause, 'cause', depth + 1) }),
  }
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length} characters)`
}
