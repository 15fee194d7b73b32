import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where a Chromium is installed on this machine, or undefined. */
export function findChromium(): string | undefined {
  return PLACES.find((place) => existsSync(place))
}
