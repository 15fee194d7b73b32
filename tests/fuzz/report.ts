import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type BadName,
  badNames,
  type Finding,
  type Reading,
  type SurfaceName,
  type Trial,
  type WireAnswer,
} from './model.ts'

const MEGABYTE = 1_048_576
const NANO_PER_MS = 1_000_000
const SHOWN = 5
const MAX_SHOWN_INPUT = 1_500

/** What a run came to. */
export interface Figures {
  inputs: number
  readonly byClass: Map<string, number>
  readonly bySurface: Map<SurfaceName, number>
  readonly procedures: Set<string>
  accepted: number
  refused: number
  /** Answers of 503 that were tried again. */
  shed: number
  /** Tables that changed beside refused calls, and not when those were tried again. */
  readonly unrepeated: string[]
  maxAmplification: number
  slowestMs: number
  maxLoopDelayMs: number
  count(surface: SurfaceName, trial: Trial, answer: WireAnswer, reading: Reading): void
  sampleLoop(): void
  /** Megabytes in use beyond those at the start, after collecting garbage. */
  heapDrift(): number
  stop(): void
}

/** Figures of a run that begins now. */
export function newFigures(): Figures {
  const loop = monitorEventLoopDelay({ resolution: 10 })
  loop.enable()
  const heapAtStart = usedHeap()
  const figures: Figures = {
    inputs: 0,
    byClass: new Map(),
    bySurface: new Map(),
    procedures: new Set(),
    accepted: 0,
    refused: 0,
    shed: 0,
    unrepeated: [],
    maxAmplification: 0,
    slowestMs: 0,
    maxLoopDelayMs: 0,
    count(surface, trial, answer, reading) {
      figures.inputs += 1
      figures.byClass.set(trial.class, (figures.byClass.get(trial.class) ?? 0) + 1)
      figures.bySurface.set(surface, (figures.bySurface.get(surface) ?? 0) + 1)
      if (trial.kind === 'input') figures.procedures.add(trial.entry.path)
      if (reading.ok) figures.accepted += 1
      else figures.refused += 1
      const growth = Buffer.byteLength(answer.text) / Math.max(answer.sentBytes, 1)
      if (!reading.ok) figures.maxAmplification = Math.max(figures.maxAmplification, growth)
      figures.slowestMs = Math.max(figures.slowestMs, answer.ms)
    },
    sampleLoop() {
      figures.maxLoopDelayMs = Math.max(figures.maxLoopDelayMs, loop.max / NANO_PER_MS)
      loop.reset()
    },
    heapDrift: () => (usedHeap() - heapAtStart) / MEGABYTE,
    stop: () => loop.disable(),
  }
  return figures
}

function usedHeap(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/** How often each bad thing happened. */
export function tally(findings: readonly Finding[]): Record<BadName, number> {
  const counts = Object.fromEntries(badNames.map((name) => [name, 0])) as Record<BadName, number>
  for (const { bad } of findings) counts[bad] += 1
  return counts
}

/** What one reads in a log, in one block. */
export function table(
  figures: Figures,
  findings: readonly Finding[],
  about: {
    readonly seed: number
    readonly procedures: number
    readonly database: string
    readonly ms: number
  },
): string {
  const bad = tally(findings)
  const list = (map: ReadonlyMap<string, number>) =>
    [...map].map(([name, count]) => `${name} ${count}`).join(' · ')
  const rows: readonly (readonly [string, string | number])[] = [
    ['inputs', `${figures.inputs} (${figures.accepted} accepted, ${figures.refused} refused)`],
    ['by surface', list(figures.bySurface)],
    ['by class', list(figures.byClass)],
    ['procedures', `${figures.procedures.size} of ${about.procedures}`],
    ['principals', 'nobody, the weakest who is let in, another account'],
    ['5xx', bad.serverErrors],
    ['crashes', bad.crashes],
    ['hangs', bad.hangs],
    ['leaks', bad.leaks],
    ['wrong accepts', bad.wrongAccepts],
    ['wrong rejects', bad.wrongRejects],
    ['effects on reject', bad.effects],
    ['changed once only', figures.unrepeated.length === 0 ? 'nothing' : figures.unrepeated.join()],
    ['field not named', bad.unnamed],
    ['came back changed', bad.changed],
    ['malformed answers', bad.malformed],
    ['error lines', bad.errorLines],
    ['polluted', bad.polluted],
    [
      'amplified',
      `${bad.amplified}; at most ${figures.maxAmplification.toFixed(1)} bytes of refusal for one`,
    ],
    ['busy, tried again', figures.shed],
    ['slowest', `${figures.slowestMs.toFixed(0)} ms`],
    ['loop delay', `${figures.maxLoopDelayMs.toFixed(0)} ms at most, server and fuzzer in one process`],
    ['heap drift', `${figures.heapDrift().toFixed(1)} MB`],
    ['took', `${(about.ms / 1_000).toFixed(1)} s on ${about.database}`],
    ['seed', about.seed],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return ['bad inputs', ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join('\n')
}

/** The first findings of each kind, whole, each with the command that does it again. */
export function explain(findings: readonly Finding[], again: (finding: Finding) => string): string {
  return badNames
    .flatMap((name) => findings.filter(({ bad }) => bad === name).slice(0, SHOWN))
    .map((finding) => `✗ ${finding.bad} ${describe(finding)}\n    ${finding.why}\n    ${again(finding)}`)
    .join('\n')
}

function describe({ surface, trial }: Finding): string {
  if (trial.kind === 'wire') {
    const { request } = trial
    const shown = Buffer.isBuffer(request)
      ? request.toString('latin1')
      : JSON.stringify(request).replaceAll(/Bearer eyJ[\w.-]+/g, 'Bearer …')
    return `${surface}/${trial.class} ${trial.label}: ${shown.slice(0, MAX_SHOWN_INPUT)}`
  }
  const place = trial.place === undefined ? '' : ` at ${JSON.stringify(trial.place.name)}`
  const input = JSON.stringify(trial.input)?.slice(0, MAX_SHOWN_INPUT)
  return `${surface}/${trial.class} ${trial.entry.path}${place} as ${trial.caller}: ${input}`
}
