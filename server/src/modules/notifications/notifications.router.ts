import { mutation, query, router, subscription } from '../../contract/procedure.ts'
import * as schema from './notifications.schema.ts'
import type { NotificationsService } from './notifications.service.ts'
import type { WatchNotificationsService } from './watch-notifications.service.ts'

/** `notifications.*`. */
export const createNotificationsRouter = (
  notifications: NotificationsService,
  watch: WatchNotificationsService,
) =>
  router({
    list: query({
      summary: 'List one’s own notifications, newest first.',
      description: 'The newest 1,000 are kept, for 90 days.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'user' },
        scope: 'notifications:read',
        limit: 'read',
      },
      input: schema.NotificationsListInput,
      output: schema.NotificationsListOutput,
      run: (call) => notifications.list(call),
    }),
    markRead: mutation({
      summary: 'Mark notifications as read: up to 100 by id, or all.',
      policy: {
        access: { who: 'user' },
        scope: 'notifications:write',
        limit: 'write',
        audit: 'notifications.markRead',
        idempotent: true,
      },
      input: schema.NotificationsMarkReadInput,
      output: schema.NotificationsMarkReadOutput,
      run: (call) => notifications.markRead(call),
    }),
    send: mutation({
      summary: 'Tell a user something, in the app and by e-mail.',
      description: 'The user sees who sent it.',
      policy: {
        surfaces: { rest: 'POST /notifications' },
        access: { who: 'admin' },
        scope: 'notifications:write',
        limit: 'message',
        audit: 'notifications.send',
        confirm: true,
      },
      input: schema.NotificationsSendInput,
      output: schema.NotificationsSendOutput,
      run: (call) => notifications.send(call),
    }),
    onNew: subscription({
      summary: 'Hear of one’s own new notifications.',
      description:
        'In order, each once. Starts with what comes next; with `lastEventId` after that event. Ends with the session.',
      policy: {
        surfaces: { rest: 'GET /notifications/stream' },
        access: { who: 'user' },
        scope: 'notifications:read',
        limit: 'stream',
        errors: ['RESUME_TOO_OLD'],
      },
      input: schema.NotificationsOnNewInput,
      output: schema.NotificationsOnNewOutput,
      run: (call) => watch.onNew(call),
    }),
  })
