/** The words of a line as a POSIX shell splits it; knows quotes, and a quote escaped between them. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|\\'|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(
      /'([^']*)'|"([^"]*)"|\\'/g,
      (match, single: string | undefined, double: string | undefined) => single ?? double ?? match.slice(1),
    ),
  )
}
