import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob } from '../platform/jobs/job-definition.ts'
import { collectRecord } from './change.ts'
import { isOneStatement } from './statement-change.ts'
import type { ChangeRecord } from './unit-of-work.ts'

const job = defineJob({ name: 'test.note', version: 1, payload: z.object({}), result: z.object({}) })
const event = { stream: 'test:1', type: 'said', data: {} }
const entry = { targetType: 'test', targetId: '1' }
const mail = { recipient: 'ada@example.test', template: 'welcome', data: {} }

function isOne(say: (record: ChangeRecord) => void, afterwards?: () => Promise<void>): boolean {
  const record = collectRecord()
  say(record)
  return isOneStatement({ afterwards }, record)
}

it.for<[string, (record: ChangeRecord) => void]>([
  ['nothing', () => undefined],
  ['an audit row and an event', (record) => [record.audit(entry), record.emit(event)]],
  ['what is told after the commit', (record) => [record.wake('a', 'b'), record.invalidateEventually('c')]],
  ['a cookie', (record) => record.refreshCookie(null)],
])('%s fits into one statement', ([, say]) => {
  expect(isOne(say)).toBe(true)
})

it.for<[string, (record: ChangeRecord) => void]>([
  ['a second audit row', (record) => [record.audit(entry), record.audit(entry)]],
  ['a second event', (record) => [record.emit(event), record.emit(event)]],
  ['a mail', (record) => record.mail(mail)],
  ['a job', (record) => record.enqueue(job, {})],
  ['what others must hear', (record) => record.announce('a', 'b')],
  ['a cache that must forget', (record) => record.invalidate('c')],
])('%s takes a transaction', ([, say]) => {
  expect(isOne(say)).toBe(false)
})

it('something to do afterwards takes a transaction', () => {
  expect(
    isOne(
      () => undefined,
      async () => undefined,
    ),
  ).toBe(false)
})
