import { spawnSync } from 'node:child_process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { lineWriter } from './log-writer.ts'

test('the lines of one turn are written together, in their order, and once', async () => {
  const written: string[] = []
  const writer = lineWriter((lines) => void written.push(lines))
  writer.add('one')
  writer.add('two')
  expect(written).toEqual([])
  await nextTurn()
  expect(written).toEqual(['one\ntwo'])
  writer.add('three')
  writer.flush()
  await nextTurn()
  expect(written).toEqual(['one\ntwo', 'three'])
})

test.each([
  ['exits', 'process.exit(3)'],
  ['fails', 'throw new Error("nobody catches this")'],
])('no line is lost when the process %s in the same turn', (_how, end) => {
  const source = `
    import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)}
    const logger = createLogger({ level: 'info', format: 'json' })
    for (let line = 0; line < 2_000; line += 1) logger.info('line', { line })
    ${end}`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(2_000)
  expect(lines.map((line) => JSON.parse(line).line)).toEqual(Array.from({ length: 2_000 }, (_, line) => line))
})
