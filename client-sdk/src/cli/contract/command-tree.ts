import { wordsOf } from '../words.ts'
import type { Procedure } from './contract.ts'

/** A word that can be typed: a group of commands, or a procedure. */
export interface CommandNode {
  /** What is typed to come here: `['projects', 'members']`. */
  readonly words: readonly string[]
  readonly children: ReadonlyMap<string, CommandNode>
  /** What it calls; undefined for a group. */
  readonly procedure: Procedure | undefined
}

interface Growing extends CommandNode {
  readonly children: Map<string, Growing>
  procedure: Procedure | undefined
}

/** The procedures by the words they are typed with. */
export function commandTree(procedures: readonly Procedure[]): CommandNode {
  const root = grow([])
  for (const procedure of procedures) {
    let node = root
    for (const word of wordsOf(procedure.path)) {
      const child = node.children.get(word) ?? grow([...node.words, word])
      node.children.set(word, child)
      node = child
    }
    node.procedure ??= procedure
  }
  return root
}

function grow(words: readonly string[]): Growing {
  return { words, children: new Map(), procedure: undefined }
}
