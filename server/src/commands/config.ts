/** `config [--json]`: every setting, where its value came from, and what is wrong. Ends with 1 when something is. */
import { parseArgs } from 'node:util'
import { type ConfigReport, type DescribedSetting, describeConfig } from '../config/describe-config.ts'
import { readEnvironment } from '../config/environment.ts'

const WIDEST_VALUE = 60

const SOURCES: Record<DescribedSetting['source'], string> = {
  environment: 'environment',
  '.env': '.env',
  default: 'default',
  derived: 'from other settings',
  kept: 'made and kept',
  none: 'not set',
}

function table({ settings, problems, unknown }: ConfigReport): string {
  const rows = settings.map((setting) => [setting.name, shown(setting), SOURCES[setting.source]])
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const notes = unknown.map((name) => `! ${name}: in .env, and no setting has this name`)
  const verdict =
    problems.length === 0
      ? ['✓ A server starts with this.']
      : ['✗ A server does not start with this:', ...problems.map((problem) => `  ${problem}`)]
  return `${[...lines, '', ...notes, ...verdict].join('\n')}\n`
}

function shown({ value }: DescribedSetting): string {
  if (value === null) return '-'
  if (value === '') return '(empty)'
  return value.length <= WIDEST_VALUE ? value : `${value.slice(0, WIDEST_VALUE - 1)}…`
}

const { values } = parseArgs({ options: { json: { type: 'boolean' } } })
const { environment, file } = readEnvironment()
const report = describeConfig(environment, file)
process.stdout.write(values.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : table(report))
process.exitCode = report.problems.length === 0 ? 0 : 1
