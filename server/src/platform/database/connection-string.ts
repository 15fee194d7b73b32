/** The address of the PostgreSQL socket in `directory`, in the form libpq, `pg` and Prisma understand. */
export function socketUrl(directory: string): string {
  return `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`
}

/** True for the address of a socket file, which is how an embedded database is reached. */
export function isSocketUrl(url: string): boolean {
  return URL.canParse(url) && (new URL(url).searchParams.get('host')?.startsWith('/') ?? false)
}

/** `url` for people: without password and parameters. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return 'a database'
  const { protocol, host, pathname, searchParams } = new URL(url)
  return searchParams.get('host') ?? `${protocol}//${host}${pathname}`
}
