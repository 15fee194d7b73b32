export { BodyTooLargeError, limitBody } from './limited-body.ts'
export { createOutbound, type Outbound, type OutboundOptions } from './outbound.ts'
export { UnsafeAddressError } from './unsafe-address-error.ts'
