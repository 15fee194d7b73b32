import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describeMachine } from '../support/machine.ts'
import { REPOSITORY } from '../support/paths.ts'
import type { Figure, Result } from './figures.ts'
import { drawBars } from './picture.ts'
import { WORKS, type Work, workNames } from './works.ts'

const FOLDER = path.join(REPOSITORY, 'docs', 'performance')

/** Writes docs/performance/peers.json and peers.svg. */
export async function saveResults(results: readonly Result[], { quick }: { quick: boolean }): Promise<void> {
  const measuredAt = new Date().toISOString()
  const machine = await describeMachine()
  await mkdir(FOLDER, { recursive: true })
  const text = JSON.stringify({ measuredAt, quick, machine, results }, short, 2)
  await writeFile(path.join(FOLDER, 'peers.json'), `${text}\n`)
  await writeFile(
    path.join(FOLDER, 'peers.svg'),
    drawBars({
      title: 'Requests per second, Plinth beside other servers',
      description: `Medians of interleaved rounds on ${machine.processors}, ${machine.database}, ${measuredAt.slice(0, 10)}. Longer is better; each group has a scale of its own.`,
      groups: workNames.flatMap((work) => groupOf(work, results)),
    }),
  )
}

function groupOf(work: Work, results: readonly Result[]) {
  const own = results.filter((result) => result.work === work)
  if (own.length === 0) return []
  const bars = own.map(({ server, perSecond }) => ({
    label: server,
    value: perSecond.median,
    marked: server.startsWith('plinth'),
  }))
  const unit = work === 'event' ? ', deliveries' : ''
  return [{ title: `${work}: ${WORKS[work]}${unit}`, bars }]
}

/** Four digits tell all that the measurement does. */
function short(_name: string, value: number | string | Figure): number | string | Figure {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
}
