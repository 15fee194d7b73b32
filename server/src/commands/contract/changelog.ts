import type { Difference, Section } from './difference.ts'
import { sentenceOf } from './print-report.ts'

const HEAD = `# Changelog of @plinth/client

What callers can rely on, release by release (https://keepachangelog.com, https://semver.org; before 1.0 a minor version
may break). The lists are written by \`npm run contract:check -- --release\`; words go under "Unreleased" and move along.
`

const UNRELEASED = '## Unreleased'
const ORDER: readonly Section[] = ['Added', 'Changed', 'Deprecated', 'Removed']

/** The changelog with a section for `version`: the words of "Unreleased", then what the differences say. */
export function releaseInChangelog(
  changelog: string | undefined,
  { version, date, differences }: { version: string; date: string; differences: readonly Difference[] },
): string {
  const text = changelog ?? `${HEAD}\n${UNRELEASED}\n`
  const start = text.indexOf(`${UNRELEASED}\n`)
  if (start === -1)
    throw new Error(`CHANGELOG.md has no line "${UNRELEASED}"; put it above the newest release.`)
  const after = start + UNRELEASED.length + 1
  const next = text.indexOf('\n## ', after)
  const words = text.slice(after, next === -1 ? undefined : next).trim()
  const older = next === -1 ? '' : text.slice(next + 1)
  const parts = [
    text.slice(0, start) + UNRELEASED,
    `## ${version} - ${date}`,
    words,
    ...lists(differences),
    older,
  ]
  return `${parts
    .filter((part) => part !== '')
    .join('\n\n')
    .trimEnd()}\n`
}

function lists(differences: readonly Difference[]): string[] {
  const breaking = differences.filter(({ verdict }) => verdict === 'breaking')
  const additive = differences.filter(({ verdict }) => verdict === 'additive')
  return [
    list('Breaking', breaking),
    ...ORDER.map((section) =>
      list(
        section,
        additive.filter((difference) => difference.section === section),
      ),
    ),
  ].filter((part) => part !== '')
}

function list(title: string, differences: readonly Difference[]): string {
  if (differences.length === 0) return ''
  const lines = differences.map((difference) => {
    const whom = difference.verdict === 'breaking' ? ` (${difference.callers.join(', ')})` : ''
    return `- ${sentenceOf(difference)}${whom}`
  })
  return `### ${title}\n\n${lines.join('\n')}`
}
