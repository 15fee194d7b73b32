/** A string that types keep apart from other strings, such as the id of one kind of thing. */
export type Branded<Name extends string> = string & { readonly '~brand': Name }

/** A file to send: the platform's `File`, where it has one. */
export type FileInput = typeof globalThis extends { File: { prototype: infer PlatformFile } }
  ? PlatformFile
  : never
