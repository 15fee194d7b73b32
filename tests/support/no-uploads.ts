import type { UploadIntake } from '../../server/src/contract/upload.ts'

/** For runtimes that are called without HTTP, where no file can come from. */
export const noUploads: UploadIntake = {
  maxFileBytes: 0,
  async open() {
    throw new Error('Nothing is uploaded here')
  },
}
