import type { Difference } from './difference.ts'

/** What to read when the contract is compared: breaking differences in full, the others in a line each. */
export function printReport(differences: readonly Difference[]): string {
  const breaking = differences.filter(({ verdict }) => verdict === 'breaking')
  const additive = differences.filter(({ verdict }) => verdict === 'additive')
  return [...breaking.map(printBreaking), ...additive.map((one) => `+ ${sentenceOf(one)}`)].join('\n')
}

function printBreaking(difference: Difference): string {
  const { callers, instead = '' } = difference
  return [
    `✗ ${sentenceOf(difference)}`,
    `    breaks:  ${callers.map((caller) => NAMES[caller]).join(', ') || 'nobody on a surface'}`,
    `    instead: ${instead}`,
  ].join('\n')
}

const NAMES = {
  SDK: 'programs on the SDK',
  REST: 'programs on REST',
  command: 'scripts with the command line',
  tool: 'models and agents',
} as const

/** ``tasks.create input.title is at most 100 characters now, was at most 200 characters``. */
export function sentenceOf({ where, at, what }: Difference): string {
  return [where, at, what].filter((part) => part !== '').join(' ')
}
