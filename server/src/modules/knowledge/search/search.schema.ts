import { z } from 'zod'
import { exampleId } from '../../../contract/example-input.ts'
import { named } from '../../../contract/json-schema.ts'
import { Id, text } from '../../../contract/schemas.ts'
import { searchModes } from '../retriever.ts'

const Rank = z.int().min(1)

/** A passage that was found. */
const SearchHit = named(
  'SearchHit',
  'A passage of a document that was found.',
  z.object({
    chunkId: Id,
    documentId: Id,
    knowledgeBaseId: Id,
    title: z
      .string()
      .meta({ examples: ['Travel policy'] })
      .describe('The document’s.'),
    headings: z
      .array(z.string())
      .meta({ examples: [['Booking', 'Trains']] })
      .describe('The headings it stands under, outermost first.'),
    text: z.string().meta({ examples: ['Trains are booked in second class.'] }),
    score: z
      .number()
      .meta({ examples: [0.071] })
      .describe('Larger is better; comparable within one answer only.'),
    span: z
      .object({ start: z.int(), end: z.int() })
      .meta({ examples: [{ start: 120, end: 154 }] })
      .describe('Where it is in the document’s text, in UTF-16 units; the end is exclusive.'),
    page: z.int().optional().describe('From 1; only where the document has pages.'),
    explain: z
      .object({
        vectorRank: Rank.optional(),
        vectorScore: z.number().optional().describe('Cosine similarity, −1 to 1.'),
        textRank: Rank.optional(),
        textScore: z.number().optional().describe('BM25, without an upper bound.'),
      })
      .optional()
      .describe('Its place in each search, from 1; left out where it was not among the first 100.'),
  }),
)

export const KnowledgeBasesSearchInput = z.strictObject({
  query: text(1, 1_000)
    .meta({ examples: ['Which class may I book?'] })
    .describe('A question, or words. Nothing in it is an operator.'),
  knowledgeBaseIds: z
    .array(Id)
    .min(1)
    .max(50)
    .optional()
    .meta({ examples: [[exampleId('knowledgeBase')]] })
    .describe('Where to look; everywhere you may read unless given.'),
  limit: z.int().min(1).max(100).default(10).describe('How many passages, 1–100.'),
  explain: z.boolean().optional().describe('Adds to each hit how it was found.'),
  mode: z
    .enum(searchModes)
    .default('hybrid')
    .describe('By meaning and words together, or by one of them alone.'),
})
export const KnowledgeBasesSearchOutput = z.object({
  hits: z.array(SearchHit).describe('The best first.'),
  degraded: z
    .literal('vector')
    .optional()
    .describe('Set when vectors could not be searched, and the hits go by the words alone.'),
})
