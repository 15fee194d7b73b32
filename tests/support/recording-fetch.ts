/** A `fetch` that remembers what was asked. */
export interface RecordingFetch {
  readonly fetch: typeof globalThis.fetch
  readonly requests: readonly URL[]
  /** How many requests went to `path`, alone or in a batch. */
  count(path: string): number
}

/** Passes everything on to `fetch`, after telling `before`. */
export function recordingFetch(before: (url: URL) => void = () => undefined): RecordingFetch {
  const requests: URL[] = []
  return {
    requests,
    fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input)
      requests.push(url)
      before(url)
      return globalThis.fetch(input, init)
    },
    count: (path) => requests.filter((url) => pathsOf(url).includes(path)).length,
  }
}

/** The procedures a request calls. */
export function pathsOf(url: URL): string[] {
  return url.pathname.replace('/trpc/', '').split(',')
}
