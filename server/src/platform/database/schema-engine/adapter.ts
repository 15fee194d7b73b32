import { EventEmitter } from 'node:events'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { openShadow } from './shadow.ts'

const CHAR_OID = 18
const TEXT_OID = 25

/** How the engine reaches `url`, and an empty database to replay migrations in. */
export function engineAdapter(url: string | undefined): object {
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    // The engine connects whatever it is asked; a diff between files is content with an empty database.
    connect: () => (url === undefined ? connectToShadow(url) : connect(url)),
    connectToShadowDb: () => connectToShadow(url),
  }
  return bindMigrationAwareSqlAdapterFactory(factory)
}

async function connectToShadow(url: string | undefined): Promise<SqlDriverAdapter> {
  const shadow = await openShadow(url)
  return connect(shadow.connectionString, shadow.close)
}

/**
 * The adapter for `pg` with two of its limits lifted. It cuts scripts at every semicolon, also at those inside strings,
 * comments and function bodies; and it refuses results with the catalog's one-byte type `"char"`.
 */
async function connect(url: string, afterDispose?: () => Promise<void>): Promise<SqlDriverAdapter> {
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 10_000 })
  pool.on('error', () => undefined)
  const charColumns = watchCharColumns(pool)
  const adapter = await new PrismaPg(pool).connect()
  const overrides: Partial<SqlDriverAdapter> = {
    async executeScript(script) {
      await pool.query(script)
    },
    async queryRaw(query) {
      const result = await adapter.queryRaw(query)
      const { Character } = ColumnTypeEnum
      const types = result.columnTypes.map((type, column) => (charColumns.has(column) ? Character : type))
      return { ...result, columnTypes: types }
    },
    async dispose() {
      await adapter.dispose()
      await pool.end()
      await afterDispose?.()
    },
  }
  return new Proxy(adapter, {
    get(target, name) {
      const member: unknown = Reflect.get(Reflect.has(overrides, name) ? overrides : target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/**
 * Passes columns of type `"char"` off as text and remembers which they were in the last result; the engine asks one
 * question at a time.
 */
function watchCharColumns(pool: pg.Pool): ReadonlySet<number> {
  const columns = new Set<number>()
  pool.on('connect', (client) => {
    if (!('connection' in client) || !(client.connection instanceof EventEmitter)) return
    client.connection.prependListener('rowDescription', (message: { fields: { dataTypeID: number }[] }) => {
      columns.clear()
      for (const [column, field] of message.fields.entries()) {
        if (field.dataTypeID !== CHAR_OID) continue
        columns.add(column)
        field.dataTypeID = TEXT_OID
      }
    })
  })
  return columns
}
