import pg from 'pg'

const TIMEOUT_MS = 10_000

/** Connects once and leaves; throws what the driver says. */
export async function tryConnection(url: string): Promise<void> {
  await withClient(url, async () => undefined)
}

/** Creates the database `url` names, over the maintenance database of the same server. */
export async function createDatabase(url: string): Promise<void> {
  const target = new URL(url)
  const name = decodeURIComponent(target.pathname.slice(1))
  target.pathname = '/postgres'
  await withClient(target.href, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`))
}

/** Prisma's code and words for a failed connection. */
export function explain(error: unknown, url: string | undefined): { code: string; message: string } {
  const code = error instanceof Object && 'code' in error ? error.code : undefined
  const where = url !== undefined && URL.canParse(url) ? new URL(url) : undefined
  if (code === '3D000') {
    return { code: 'P1003', message: `Database \`${where?.pathname.slice(1)}\` does not exist` }
  }
  if (code === '28P01' || code === '28000') {
    return {
      code: 'P1000',
      message: `Authentication failed against the database server for \`${where?.username}\``,
    }
  }
  const reason = error instanceof Error ? error.message || String(code) : String(error)
  return { code: 'P1001', message: `Can't reach database server at \`${where?.host}\`: ${reason}` }
}

/** Runs `work` on a connection of its own. */
export async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
