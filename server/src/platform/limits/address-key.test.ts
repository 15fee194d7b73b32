import { expect, it } from 'vitest'
import { addressKey } from './address-key.ts'

it('puts every spelling of an address, and one customer’s IPv6 network, into one bucket', () => {
  expect(addressKey('1.2.3.4')).toBe('1.2.3.4')
  expect(addressKey('::ffff:1.2.3.4')).toBe('1.2.3.4')
  expect(addressKey('::FFFF:102:304')).toBe('1.2.3.4')
  expect(addressKey('2001:db8:0:1::1')).toBe(addressKey('2001:0DB8::1:ffff:ffff:ffff:ffff'))
  expect(addressKey('2001:db8:0:1::1')).not.toBe(addressKey('2001:db8:0:2::1'))
  expect(addressKey('fe80::1%eth0')).toBe(addressKey('fe80::2'))
  expect(addressKey(undefined)).toBe('unknown')
  expect(addressKey('')).toBe('unknown')
})
