import { type ClassName, classNames, type Finding, type SurfaceName, surfaceNames } from './model.ts'

/** What a run is told. */
export interface Settings {
  readonly inputs: number
  readonly seed: number
  readonly classes: readonly ClassName[]
  readonly surfaces: readonly SurfaceName[]
  readonly only?: number
  /** Whether everything is tried, so that the figures of a whole run can be asked for. */
  readonly whole: boolean
  readonly loud: boolean
  readonly timeoutMs: number
}

/** What CI tries. */
export const CI_INPUTS = 24_000
/** The same inputs in every run of the tests: a change is judged by what it changes. `npm run fuzz` draws others. */
const CI_SEED = 20_261_121
const TIMEOUT_MS = 600_000
/** What one input may take on a slow machine, on the whole. */
const MS_PER_INPUT = 30

/** Settings from variables, which `npm run fuzz` sets; without any, those of CI. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const inputs = Number(env.FUZZ_INPUTS ?? CI_INPUTS)
  const listed = <T extends string>(text: string | undefined, all: readonly T[]): readonly T[] =>
    text === undefined ? all : all.filter((name) => text.split(',').includes(name))
  return {
    inputs,
    seed: Number(env.FUZZ_SEED ?? CI_SEED),
    classes: listed(env.FUZZ_CLASSES, classNames),
    surfaces: listed(env.FUZZ_SURFACES, surfaceNames),
    ...(env.FUZZ_ONLY === undefined ? {} : { only: Number(env.FUZZ_ONLY) }),
    whole: env.FUZZ_CLASSES === undefined && env.FUZZ_SURFACES === undefined && env.FUZZ_ONLY === undefined,
    loud: env.FUZZ_LOUD !== undefined,
    timeoutMs: Math.max(TIMEOUT_MS, inputs * MS_PER_INPUT),
  }
}

/** The command that tries what was found again, alone. */
export function commandFor({ inputs, seed }: Settings, { surface, trial, index }: Finding): string {
  return `npm run fuzz -- --seed ${seed} --inputs ${inputs} --class ${trial.class} --surface ${surface} --only ${index}`
}
