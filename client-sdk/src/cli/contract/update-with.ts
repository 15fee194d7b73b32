/**
 * How to get this command in a server's version, as the end of a message; empty where the server names no version, so that
 * nobody runs what a server wrote.
 */
export function updateWith(version: string): string {
  return /^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(version)
    ? ` Update with: npm install --global @plinth/client@${version}`
    : ''
}
