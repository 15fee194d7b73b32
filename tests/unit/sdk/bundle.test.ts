import { expect, test } from 'vitest'
import { bundleSdk, MAX_BUNDLE_KB } from '../../support/sdk-bundle.ts'

test('a page loads at most 15 kB of SDK, and nothing it cannot use', async () => {
  const { code, gzipBytes } = await bundleSdk()
  expect(gzipBytes / 1_000).toBeLessThanOrEqual(MAX_BUNDLE_KB)
  // tRPC's client as a whole brings its WebSockets, its event source and console logging.
  expect(code).not.toMatch(/WebSocket|EventSource/)
})
