import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { locksReleased, withLock } from './lock.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-lock-'))
})

afterAll(() => rm(folder, { recursive: true }))

test('one at a time, and nothing is left behind, not even by what fails', async () => {
  const file = path.join(folder, 'a.lock')
  let inside = 0
  const work = async (): Promise<void> => {
    inside += 1
    expect(inside).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
  }
  await Promise.all(Array.from({ length: 8 }, () => withLock(file, work)))
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await readdir(folder)).toEqual([])
})

test('a lock whose holder was killed is broken', async () => {
  const file = path.join(folder, 'b.lock')
  await writeFile(file, '1 dead')
  const longAgo = new Date(Date.now() - 60_000)
  await utimes(file, longAgo, longAgo)
  expect(await withLock(file, async () => 'mine')).toBe('mine')
  expect(await readdir(folder)).toEqual([])
})

test('the command can wait for what it does under locks', async () => {
  let isDone = false
  const work = withLock(path.join(folder, 'c.lock'), async () => {
    await new Promise((resolve) => setImmediate(resolve))
    isDone = true
  })
  await locksReleased()
  expect(isDone).toBe(true)
  await work
})
