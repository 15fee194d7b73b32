import type { Command } from './command.ts'

const described = [
  {
    name: 'login',
    summary: 'Log in, and remember it.',
    description:
      'Asks for e-mail address and password, or for an API key with --api-key. Both can be piped in, and are never part of the command line.',
    flags: [
      { name: 'email', value: 'address', description: 'Whose account; asked for when left out.' },
      { name: 'password-stdin', description: 'Read the password from standard input.' },
      {
        name: 'api-key',
        description: 'Log in with an API key instead, asked for or read from standard input.',
      },
    ],
    examples: [
      'plinth login --base-url https://api.example.com',
      'plinth login --email ada@example.com --password-stdin < password.txt',
      'plinth login --api-key --profile ci < key.txt',
    ],
  },
  {
    name: 'logout',
    summary: 'End the session, and forget it.',
  },
  {
    name: 'whoami',
    summary: 'Show the server, the profile and the account that calls are made with.',
  },
  {
    name: 'profiles',
    operands: '[use <name>|remove <name>]',
    summary: 'List profiles, choose one, or forget one.',
    description: 'A profile is a server with an account. One is made by: plinth login --profile <name>.',
    examples: ['plinth profiles', 'plinth profiles use staging', 'plinth profiles remove old'],
  },
  {
    name: 'mcp',
    summary: 'Serve MCP over standard input and output.',
    description:
      'For programs with a model in them that start their MCP servers: passes messages on to the server, with the credential of the profile.',
    examples: ['claude mcp add plinth -- plinth mcp', 'plinth mcp --profile staging'],
  },
  {
    name: 'status',
    summary: 'Show whether the server answers, what it can do, and as whom you call it.',
  },
  {
    name: 'kb',
    operands: 'eval <folder>',
    summary: 'Measure how well searches find what people judged relevant.',
    description:
      'Uploads a collection with judgements into a knowledge base of its own, runs its queries by words, by vectors and by both, and holds them against a plain BM25 over the same documents. The folder has corpus.jsonl, queries.jsonl and qrels/*.tsv (BEIR), or *.ALL, *.QRY and *.REL (SMART, such as CISI).',
    flags: [
      {
        name: 'knowledge-base',
        value: 'id',
        description: 'Use this one: documents that it has are not sent again. It is not deleted.',
      },
      { name: 'keep', description: 'Do not delete the knowledge base that it made.' },
    ],
    examples: ['plinth kb eval ./cisi', 'plinth kb eval ./scifact --output json --keep'],
  },
  {
    name: 'completion',
    operands: '<bash|zsh|fish>',
    summary: 'Print what a shell reads to complete commands, flags and their values.',
    examples: [
      'eval "$(plinth completion bash)"   # in ~/.bashrc',
      'eval "$(plinth completion zsh)"    # in ~/.zshrc, after compinit',
      'plinth completion fish | source    # in ~/.config/fish/config.fish',
    ],
  },
  {
    name: '__complete',
    summary: 'Answer a shell that completes.',
    isHidden: true,
    isRaw: true,
  },
] as const satisfies readonly Command[]

/** The name of a command that is not a procedure. */
export type CommandName = (typeof described)[number]['name']

/**
 * The commands that are not procedures, in the order help lists them. They go before groups of the same name. What each
 * runs is in `load-command.ts`.
 */
export const commands: readonly (Command & { readonly name: CommandName })[] = described
