/** Writes every generated file of the repository anew: client SDK, snapshots, `.env.example`. */
import { generate } from './lib/generated.mjs'

await generate()
