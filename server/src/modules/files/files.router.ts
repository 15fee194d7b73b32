import { mutation, query, router, upload } from '../../contract/procedure.ts'
import * as schema from './files.schema.ts'
import type { FilesService } from './files.service.ts'

/** `files.*`. The bytes are served by `GET /files/<id>`. */
export const createFilesRouter = (files: FilesService) =>
  router({
    upload: upload({
      summary: 'Keep a file, for yourself or for a project.',
      description:
        'Its type is told by its content; a file that is not what its name or type says is refused. Counts against your quota.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'editor' },
        scope: 'files:write',
        limit: 'write',
        audit: 'files.upload',
        upload: {},
        errors: ['STORAGE_QUOTA_EXCEEDED', 'FILE_TYPE_REFUSED', 'OVERLOADED'],
      },
      input: schema.FilesUploadInput,
      output: schema.FilesUploadOutput,
      admit: (call) => files.admit(call),
      run: (call) => files.upload(call),
    }),
    get: query({
      summary: 'Get what is known of a file.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'files:read',
        limit: 'read',
      },
      input: schema.FilesGetInput,
      output: schema.FilesGetOutput,
      run: (call) => files.get(call),
    }),
    list: query({
      summary: 'List the files of a project, or those that are yours alone; newest first.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'files:read',
        limit: 'read',
      },
      input: schema.FilesListInput,
      output: schema.FilesListOutput,
      run: (call) => files.list(call),
    }),
    delete: mutation({
      summary: 'Delete a file for good.',
      policy: {
        access: { who: 'member', min: 'editor' },
        scope: 'files:write',
        limit: 'write',
        audit: 'files.delete',
        destructive: true,
      },
      input: schema.FilesDeleteInput,
      output: schema.FilesDeleteOutput,
      run: (call) => files.delete(call),
    }),
    link: query({
      summary: 'Get a link that downloads a file without logging in.',
      description:
        'For a browser to open. It lasts five minutes, and no longer than your right to read the file.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'files:read',
        limit: 'read',
      },
      input: schema.FilesLinkInput,
      output: schema.FilesLinkOutput,
      run: (call) => files.link(call),
    }),
  })
