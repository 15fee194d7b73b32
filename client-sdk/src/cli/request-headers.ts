/** Sent with every request: rows of the audit log say `cli`, and lists of sessions name the program. */
export function headersOf(version: string): Record<string, string> {
  return { 'x-plinth-surface': 'cli', 'user-agent': `plinth/${version} (node ${process.versions.node})` }
}
