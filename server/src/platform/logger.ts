import winston from 'winston'
import { redactedText, redactInto, TIGHT_BOUNDS, USUAL_BOUNDS } from './log-fields.ts'
import { lineWriter, writeOutNow } from './log-writer.ts'
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

const MAX_MESSAGE = 2_000
/** Log collectors cut or refuse longer lines (Docker cuts at 16 KiB). */
const MAX_LINE_BYTES = 16_384
/** What a line must not lose, however long its other fields are. */
const ESSENTIAL = ['traceId', 'procedure', 'code', 'actor', 'durationMs']

/** A winston logger that redacts what is named like a secret or looks like one, and keeps every line within 16 KiB. */
export function createLogger({ level, format, stream }: LoggerOptions): Logger {
  if (level === 'silent') return SILENT
  const logger = winston.createLogger({
    level,
    // What it is given are whole lines.
    format: winston.format.printf(({ message }) => String(message)),
    transports: [
      stream === undefined ? new winston.transports.Console() : new winston.transports.Stream({ stream }),
    ],
  })
  const text = format === 'json' ? jsonLine : prettyLine
  const isSoon = stream === undefined
  const hand = (lines: string): void => void logger.log({ level, message: lines })
  const writer = isSoon ? lineWriter(hand, writeOutNow) : lineWriter(hand)
  const write = (own: Level) => {
    if (!logger.isLevelEnabled(own)) return () => undefined
    const waits = isSoon && (own === 'info' || own === 'debug')
    return (message: string, fields?: LogFields) => {
      writer.add(text({ level: own, message, fields, traceId: currentContext()?.traceId }))
      if (!waits) writer.flush()
    }
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

const nothing = (): void => undefined
const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

type Level = keyof Logger

interface Line {
  readonly level: Level
  readonly message: string
  readonly fields: LogFields | undefined
  readonly traceId: string | undefined
}

function jsonLine({ level, message, fields, traceId }: Line): string {
  const head = {
    time: new Date().toISOString(),
    level,
    message: redactedText(message, MAX_MESSAGE),
    traceId: traceId === undefined ? undefined : redactedText(traceId, MAX_MESSAGE),
  }
  const text = JSON.stringify(redactInto({ ...head }, fields, USUAL_BOUNDS))
  if (fits(text)) return text
  const given = Object.entries(fields ?? {})
  const kept = Object.fromEntries(given.filter(([name]) => ESSENTIAL.includes(name)))
  const essential = { ...redactInto({ ...head }, kept, TIGHT_BOUNDS), truncated: true }
  const shorter = JSON.stringify(redactInto({ ...essential }, fields, TIGHT_BOUNDS))
  return fits(shorter) ? shorter : JSON.stringify(essential)
}

function fits(text: string): boolean {
  // No character takes more than three bytes per unit of length; most lines need not be measured.
  return text.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(text) < MAX_LINE_BYTES
}

function prettyLine({ level, message, fields, traceId }: Line): string {
  const shown = Object.entries(redactInto({ traceId }, fields, USUAL_BOUNDS))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? printable(value) : JSON.stringify(value)}`)
  const time = new Date().toISOString().slice(11, 23)
  return [time, level.padEnd(5), printable(redactedText(message, MAX_MESSAGE)), ...shown].join(' ')
}

/** User text must not forge lines or send terminal sequences. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) =>
    JSON.stringify(char).slice(1, -1),
  )
}
