import { type Database, query } from '../../../platform/database/index.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import type { CatalogueModel } from './catalogue-model.ts'
import type { ShippedModel } from './shipped-models.ts'

/** A moment as JSON that the database makes carries it. */
const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`

/** The columns of a {@link CatalogueModel} of the table `m`; `now` says which prices are over. */
export function modelColumns(now: string): string {
  return `m.id, m.provider, m.name, m.title, m.kind, m.context_tokens AS "contextTokens",
    m.max_output_tokens AS "maxOutputTokens", m.dimension, m.tools, m.enabled,
    m.created_at AS "createdAt", m.updated_at AS "updatedAt",
    coalesce((
      SELECT json_agg(json_build_object('id', p.id, 'inputPerMillion', p.input_per_million::text,
        'outputPerMillion', p.output_per_million::text,
        'validFrom', to_char(p.valid_from AT TIME ZONE 'UTC', ${ISO})) ORDER BY p.valid_from DESC)
      FROM model_prices p
      WHERE p.model_id = m.id AND p.valid_from >= coalesce(
        (SELECT max(c.valid_from) FROM model_prices c WHERE c.model_id = m.id AND c.valid_from <= ${now}),
        '-infinity')
    ), '[]') AS prices`
}

/** The whole catalogue in its order: by provider, the default of each first. */
export async function readCatalogue(database: Pick<Database, 'pool'>, now: Date): Promise<CatalogueModel[]> {
  const values = sqlValues()
  const moment = values.bind(now.toISOString(), 'timestamptz')
  return await query<CatalogueModel>(
    database,
    values.statement(`SELECT ${modelColumns(moment)} FROM models m ORDER BY m.provider, m.position, m.id`),
  )
}

/**
 * Makes the list part of the catalogue, unless it was before: adds models, corrects those no admin has changed, and adds
 * prices where the last one came with a list too. One statement, so that of several processes one does it; true for that
 * one.
 */
export async function mergeList(
  database: Pick<Database, 'pool'>,
  list: readonly ShippedModel[],
  { fingerprint, now }: { readonly fingerprint: string; readonly now: Date },
): Promise<boolean> {
  const values = sqlValues()
  const moment = values.bind(now.toISOString(), 'timestamptz')
  const items = JSON.stringify(list.map((model, position) => ({ ...model, ...model.price, position })))
  const text = `
    WITH fresh AS (
      INSERT INTO model_lists (fingerprint, merged_at) VALUES (${values.bind(fingerprint, 'text')}, ${moment})
      ON CONFLICT DO NOTHING RETURNING fingerprint
    ), items AS (
      SELECT item.* FROM fresh CROSS JOIN json_to_recordset(${values.bind(items, 'json')}) AS item(
        id text, provider text, name text, title text, kind model_kind, "contextTokens" int,
        "maxOutputTokens" int, dimension int, tools boolean, "inputPerMillion" numeric,
        "outputPerMillion" numeric, position int)
    ), merged AS (
      INSERT INTO models AS m (id, provider, name, title, kind, context_tokens, max_output_tokens, dimension,
        tools, enabled, position, created_at, updated_at)
      SELECT id, provider, name, title, kind, "contextTokens", "maxOutputTokens", dimension, tools,
        "inputPerMillion" IS NOT NULL, position, ${moment}, ${moment} FROM items
      ON CONFLICT (id) DO UPDATE SET title = excluded.title, context_tokens = excluded.context_tokens,
        max_output_tokens = excluded.max_output_tokens, tools = excluded.tools, position = excluded.position,
        enabled = m.enabled OR excluded.enabled, updated_at = excluded.updated_at
      WHERE NOT m.edited
      RETURNING m.id
    ), priced AS (
    INSERT INTO model_prices (id, model_id, input_per_million, output_per_million, valid_from, shipped)
    SELECT gen_random_uuid(), item.id, item."inputPerMillion", item."outputPerMillion", ${moment}, true
    FROM items item LEFT JOIN LATERAL (
      SELECT p.* FROM model_prices p WHERE p.model_id = item.id ORDER BY p.valid_from DESC LIMIT 1
    ) last ON true
    WHERE item."inputPerMillion" IS NOT NULL AND (last.id IS NULL OR last.shipped AND
      (last.input_per_million, last.output_per_million) <> (item."inputPerMillion", item."outputPerMillion"))
    ON CONFLICT DO NOTHING
    ) SELECT fingerprint FROM fresh`
  const rows = await query(database, values.statement(text))
  return rows.length > 0
}
