import { expect, test } from 'vitest'
import { insertAll } from '../../../server/src/commands/scaffold/edits.ts'
import { moduleNames } from '../../../server/src/commands/scaffold/module-names.ts'

test('a plural has every spelling', () => {
  expect(moduleNames('purchase-orders')).toEqual({
    plural: 'purchase-orders',
    singular: 'purchase-order',
    router: 'purchaseOrders',
    model: 'purchaseOrder',
    types: 'PurchaseOrders',
    type: 'PurchaseOrder',
    table: 'purchase_orders',
    many: 'purchase orders',
    one: 'a purchase order',
  })
})

test.each([
  ['invoices', 'invoice'],
  ['companies', 'company'],
  ['movies', 'movie'],
  ['boxes', 'box'],
  ['branches', 'branch'],
  ['addresses', 'address'],
  ['houses', 'house'],
])('one of %s is %s', (plural, singular) => {
  expect(moduleNames(plural).singular).toBe(singular)
})

test('the article fits', () => {
  expect(moduleNames('invoices').one).toBe('an invoice')
  expect(moduleNames('people', 'person').one).toBe('a person')
})

test.each([
  ['invoice', undefined, '--singular'],
  ['people', undefined, '--singular'],
  ['status', undefined, '--singular'],
  ['Invoices', undefined, 'Did you mean "invoices"?'],
  ['purchaseOrders', undefined, 'Did you mean "purchase-orders"?'],
  ['purchase orders', undefined, 'Did you mean "purchase-orders"?'],
  ['../invoices', undefined, 'Did you mean "invoices"?'],
  ['1nvoices', undefined, 'lower case'],
  ['', undefined, 'lower case'],
  ['x'.repeat(41), undefined, '40 characters'],
  ['maps', undefined, 'JavaScript’s own'],
  ['sheep', 'sheep', 'has two'],
  ['people', 'Person', 'lower case'],
])('%j is refused with the reason', (plural, singular, reason) => {
  expect(() => moduleNames(plural, singular)).toThrow(reason)
})

test('text goes where it belongs, or the file is named', () => {
  const text = 'a {\n}\nb {\n}\n'
  expect(insertAll('x.ts', text, [{ after: 'b {', before: '}\n', text: '  new\n' }])).toBe(
    'a {\n}\nb {\n  new\n}\n',
  )
  expect(() => insertAll('x.ts', text, [{ after: 'c {', before: '}', text: '' }])).toThrow(
    'x.ts does not look as expected: there is no "c {" followed by "}".',
  )
})
