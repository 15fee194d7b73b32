/** The address of the PostgreSQL socket in `directory`, in the form libpq, `pg` and Prisma understand. */
export function socketUrl(directory: string): string {
  return `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`
}

/** The folder of the socket `url` leads to, which is how an embedded database is reached; undefined for a server. */
export function socketDirectoryOf(url: string): string | undefined {
  const host = URL.canParse(url) ? new URL(url).searchParams.get('host') : null
  return host?.startsWith('/') ? host : undefined
}

/** True for the address of a socket file. */
export function isSocketUrl(url: string): boolean {
  return socketDirectoryOf(url) !== undefined
}
