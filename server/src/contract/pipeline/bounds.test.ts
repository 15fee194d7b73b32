import { expect, test } from 'vitest'
import { inputBounds, requireBounds } from './bounds.ts'

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

test('an input as large as createMany allows passes', () => {
  const task = {
    title: 'x',
    description: 'y',
    status: 'todo',
    priority: 1,
    dueAt: null,
    assigneeId: null,
    extra: 1,
  }
  requireBounds({ projectId: 'p', tasks: Array.from({ length: 1_000 }, () => ({ ...task })) })
})

test('depth and size are bounded', () => {
  requireBounds(nested(inputBounds.depth))
  expect(() => requireBounds(nested(inputBounds.depth + 1))).toThrow(/nested too deeply/)
  expect(() => requireBounds(nested(5_000))).toThrow(/nested too deeply/)
  expect(() => requireBounds(Array.from({ length: inputBounds.nodes + 1 }, () => 0))).toThrow(
    /too many values/,
  )
})
