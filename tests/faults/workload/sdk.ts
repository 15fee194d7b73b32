/** The client package: the sources of this repository, or a copy of it that was packed and installed. */
export type Sdk = Pick<typeof import('@plinth/client'), 'createClient' | 'isPlinthError'>
