import { expect, test } from 'vitest'
import { fail, failBecause } from '../../../contract/errors.ts'
import { refuseFields } from '../../../contract/pipeline/validate.ts'
import { asWritten } from '../input/as-written.ts'
import { fieldRenamer } from './rename-fields.ts'

const rename = fieldRenamer({ body: 'data', versioned: true })
const message = 'No.'

test('fields are named as they were sent, in the message too', () => {
  const fields = ['data.title', 'data.items.0.data', 'data', 'version', 'id']
  const renamed = rename(refuseFields(fields.map((field) => ({ field, message }))))
  expect(renamed.issues.map(({ field }) => field)).toEqual(['title', 'items.0.data', '', 'If-Match', 'id'])
  expect(renamed.message).toBe('Not valid: title, items.0.data, If-Match, id.')
  const service = rename(
    fail('BAD_REQUEST', { message: 'Not so.', issues: [{ field: 'data.title', message }] }),
  )
  expect([service.message, service.issues]).toEqual(['Not so.', [{ field: 'title', message }]])
})

test('another version is a condition that does not hold', () => {
  const conflict = failBecause('VERSION_CONFLICT')
  expect(rename(conflict)).toMatchObject({ code: 'PRECONDITION_FAILED', reason: 'VERSION_CONFLICT' })
  expect(fieldRenamer({ body: 'fields', versioned: false })(conflict)).toBe(conflict)
})

test('what the caller wrote is not named otherwise', () => {
  const misread = asWritten(refuseFields([{ field: 'version', message }]))
  expect(rename(misread)).toBe(misread)
})

test('what is about no field stays as it is', () => {
  const away = fail('SERVICE_UNAVAILABLE', { retryAfterMs: 5 })
  expect(rename(away)).toBe(away)
})
