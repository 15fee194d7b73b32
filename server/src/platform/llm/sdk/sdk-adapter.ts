import { LlmError } from '../llm-error.ts'
import type { Embeddings, EmbedRequest, LlmRequest } from '../llm-provider.ts'
import type { AdapterPart, LlmAdapter, ProviderConnection } from '../provider-kind.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { isThere } from './is-there.ts'
import type { SdkModels, Vendor } from './sdk-models.ts'
import { toCallOptions } from './to-call-options.ts'
import { toLlmError } from './to-llm-error.ts'
import { toParts } from './to-parts.ts'
import { toolNamesOf } from './tool-names.ts'

const MEGABYTE = 1_048_576
/** Every token comes in an envelope of its own, of some hundred bytes. */
const BYTES_PER_TOKEN = 1_024
/** Vectors of 4,096 numbers, written out. */
const BYTES_PER_VECTOR = 131_072
/** The vendors' own bounds are 100 and more. */
const TEXTS_PER_CALL = 96

/** A provider that a package of the AI SDK speaks to. Nothing is loaded or sent before the first call. */
export function sdkAdapter(vendor: Vendor, connection: ProviderConnection): LlmAdapter {
  const { name } = vendor
  const load = once(vendor.load)
  const modelsWithin = async (maxBytes: number): Promise<SdkModels> =>
    (await load())({ ...connection, fetch: boundedFetch(connection.fetch, maxBytes) })

  async function* stream(request: LlmRequest): AsyncGenerator<AdapterPart> {
    try {
      const models = await modelsWithin(MEGABYTE + request.maxOutputTokens * BYTES_PER_TOKEN)
      const names = toolNamesOf(request.tools ?? [])
      const answer = await models.chat(request.model).doStream(toCallOptions(request, names))
      yield* toParts(answer.stream, names)
    } catch (thrown) {
      throw toLlmError(name, thrown, connection.apiKey)
    }
  }

  async function embedSome(request: EmbedRequest): Promise<Embeddings> {
    const models = await modelsWithin(MEGABYTE + request.texts.length * BYTES_PER_VECTOR)
    if (models.embedding === undefined) {
      throw new LlmError('rejected', name, { cause: new Error(`${name} makes no vectors`) })
    }
    const providerOptions = vendor.embedOptions?.(request.as)
    const { embeddings, usage } = await models.embedding(request.model).doEmbed({
      values: [...request.texts],
      abortSignal: request.signal,
      ...(providerOptions === undefined ? {} : { providerOptions }),
    })
    return {
      vectors: embeddings.map((numbers) => Float32Array.from(numbers)),
      inputTokens: usage?.tokens ?? 0,
    }
  }

  return {
    name,
    stream,
    async embed(request) {
      const vectors: Float32Array[] = []
      let inputTokens = 0
      try {
        for (let at = 0; at < request.texts.length; at += TEXTS_PER_CALL) {
          const texts = request.texts.slice(at, at + TEXTS_PER_CALL)
          const made = await embedSome({ ...request, texts })
          if (made.vectors.length !== texts.length) throw new LlmError('bad_answer', name)
          vectors.push(...made.vectors)
          inputTokens += made.inputTokens
        }
      } catch (thrown) {
        throw toLlmError(name, thrown, connection.apiKey)
      }
      return { vectors, inputTokens }
    },
    countTokens: (model, text) => vendor.countTokens(model, text),
    countsExactly: (model) => vendor.countsExactly(model),
    isAvailable: (signal) => isThere(connection, vendor.headers(connection.apiKey), signal),
  }
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined
  return () => {
    loading ??= load()
    return loading
  }
}
