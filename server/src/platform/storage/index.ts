export { createStorage, type StorageOptions } from './create-storage.ts'
export type { ByteRange, StagedBytes, Storage } from './storage.ts'
export { StorageError } from './storage-error.ts'
export { type StorageKey, storageKey } from './storage-key.ts'
