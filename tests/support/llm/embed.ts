import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { EmbedQuestion } from './script.ts'

const USUAL_DIMENSIONS = 64

/** Vectors that tell texts with other words apart: a count of words, each in a place of its own, made of length one. */
export function hashedVector(text: string, dimensions: number = USUAL_DIMENSIONS): number[] {
  const vector = new Array<number>(dimensions).fill(0)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
    const place = createHash('sha256').update(word).digest().readUInt32BE() % dimensions
    vector[place] = (vector[place] ?? 0) + 1
  }
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

/** Reads and writes `POST /embeddings` of OpenAI and those compatible with it. */
export const openaiEmbeddings = {
  read(body: unknown): EmbedQuestion {
    const { model, input, dimensions } = z
      .object({
        model: z.string(),
        input: z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)]),
        dimensions: z.number().optional(),
      })
      .parse(body)
    return { model, texts: input, dimensions }
  },
  write({ model, texts }: EmbedQuestion, vectors: readonly (readonly number[])[]): string {
    const data = vectors
      .map((vector, index) => `{"object":"embedding","index":${index},"embedding":${numbers(vector)}}`)
      .join()
    const tokens = Math.ceil(texts.join('').length / 4)
    const usage = JSON.stringify({ prompt_tokens: tokens, total_tokens: tokens })
    return `{"object":"list","model":${JSON.stringify(model)},"data":[${data}],"usage":${usage}}`
  },
}

const content = z.object({ parts: z.array(z.object({ text: z.string() })) })

/** Reads and writes `:embedContent` and `:batchEmbedContents` of Gemini. */
export const geminiEmbeddings = {
  read(body: unknown, path: string): EmbedQuestion {
    const one = z.object({ content, outputDimensionality: z.number().optional() })
    const requests = path.endsWith(':batchEmbedContents')
      ? z.object({ requests: z.array(one).min(1) }).parse(body).requests
      : [one.parse(body)]
    return {
      model: /models\/([^:]+):/.exec(path)?.[1] ?? '',
      texts: requests.map((request) => request.content.parts.map(({ text }) => text).join('')),
      dimensions: requests[0]?.outputDimensionality,
    }
  },
  write(vectors: readonly (readonly number[])[], path: string): string {
    const written = vectors.map((vector) => `{"values":${numbers(vector)}}`)
    return path.endsWith(':batchEmbedContents')
      ? `{"embeddings":[${written.join()}]}`
      : `{"embedding":${written[0] ?? 'null'}}`
  },
}

/** Also what is no number, as servers with a bug in them write it. */
function numbers(vector: readonly number[]): string {
  return `[${vector.map((value) => (value === Number.POSITIVE_INFINITY ? '1e999' : String(value))).join()}]`
}
