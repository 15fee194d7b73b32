import type { PageRequest } from '../../../contract/page-request.ts'
import type { Database, Db, Prisma } from '../../../platform/database/index.ts'
import type { Page } from '../../../platform/pagination/page.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import type { PerMillion } from '../money.ts'
import { pageOfRows } from '../paged.ts'
import { modelColumns } from './catalogue.repository.ts'
import { CatalogueModel } from './catalogue-model.ts'
import { presentPrice } from './present-model.ts'

/** One model; null when there is none. */
export async function findModel(db: Db, id: string, now: Date): Promise<CatalogueModel | null> {
  const values = sqlValues()
  const moment = values.bind(now.toISOString(), 'timestamptz')
  const { text, values: bound } = values.statement(
    `SELECT ${modelColumns(moment)} FROM models m WHERE m.id = ${values.bind(id, 'text')}`,
  )
  const [row] = await db.$queryRawUnsafe<PrismaModel[]>(text, ...bound)
  return row === undefined
    ? null
    : CatalogueModel.parse({
        ...row,
        createdAt: row.createdAt.toISOString(),
        updatedAt: row.updatedAt.toISOString(),
      })
}

interface PrismaModel {
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** How many models there are. */
export async function countModels(db: Db): Promise<number> {
  return await db.model.count()
}

/** A model as an admin adds it. */
export interface NewModel {
  readonly id: string
  readonly provider: string
  readonly name: string
  readonly title: string
  readonly kind: CatalogueModel['kind']
  readonly contextTokens: number
  readonly maxOutputTokens?: number | undefined
  readonly dimension?: number | undefined
  readonly tools: boolean
  readonly enabled: boolean
  readonly now: Date
}

/** Adds a model; false when there is one of this id. */
export async function insertModel(db: Db, { now, ...model }: NewModel): Promise<boolean> {
  const { maxOutputTokens = null, dimension = null, ...rest } = model
  const { count } = await db.model.createMany({
    data: [{ ...rest, maxOutputTokens, dimension, edited: true, createdAt: now, updatedAt: now }],
    skipDuplicates: true,
  })
  return count > 0
}

/** Changes a model, as an admin does; null when there is none. */
export async function updateModel(
  db: Db,
  id: string,
  data: Prisma.ModelUpdateManyMutationInput,
  now: Date,
): Promise<CatalogueModel | null> {
  const { count } = await db.model.updateMany({ where: { id }, data: { ...data, edited: true } })
  return count === 0 ? null : await findModel(db, id, now)
}

/** A price as an admin sets it. */
export interface NewPrice extends PerMillion {
  readonly modelId: string
  readonly validFrom: Date
  readonly now: Date
}

/** Adds a price. @throws a unique violation when there is one from that moment on */
export async function insertPrice(db: Db, { now, ...price }: NewPrice): Promise<void> {
  await db.modelPrice.create({ data: { ...price, createdAt: now }, select: { id: true } })
}

interface PriceRow extends PerMillion {
  readonly id: string
  readonly validFrom: string
  readonly createdAt: string
  readonly shipped: boolean
}

/** A model's prices, the latest first. */
export async function listPrices(
  database: Pick<Database, 'pool'>,
  input: PageRequest & { readonly id: string },
): Promise<Page<PriceRow>> {
  return await pageOfRows<PriceRow, PriceRow>(database, input, {
    scope: { list: 'models.prices', filters: { id: input.id } },
    columns: `p.id, p.input_per_million::text AS "inputPerMillion", p.output_per_million::text AS "outputPerMillion",
      p.valid_from AS "validFrom", p.created_at AS "createdAt", p.shipped`,
    from: 'model_prices p',
    order: { key: 'p.valid_from', id: 'p.id' },
    where: (values) => [`p.model_id = ${values.bind(input.id, 'text')}`],
    positionOf: ({ validFrom, id }) => ({ key: validFrom, id }),
    present: ({ id, createdAt, shipped, ...price }) => ({ id, ...presentPrice(price), shipped, createdAt }),
  })
}
