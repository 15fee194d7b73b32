import type { Config } from '../../config/index.ts'
import type { TailWakers } from '../../platform/events/tail.ts'
import { notificationMailTemplates } from './mails/notification-mail.ts'
import { createNotificationsRouter } from './notifications.router.ts'
import { createNotificationsService, type NotificationsServiceDeps } from './notifications.service.ts'
import { createWatchNotificationsService } from './watch-notifications.service.ts'

export type { NewNotification } from './insert-notifications.ts'
export { notify } from './notify.ts'

/** What {@link createNotifications} needs. */
interface NotificationsDeps extends NotificationsServiceDeps, TailWakers {
  readonly config: Pick<Config, 'appName' | 'publicUrl'>
}

/** Builds the notifications module. */
export function createNotifications(deps: NotificationsDeps) {
  return {
    router: createNotificationsRouter(
      createNotificationsService(deps),
      createWatchNotificationsService(deps),
    ),
    mailTemplates: notificationMailTemplates(deps.config),
  }
}

/** The notifications module as the composition root holds it. */
export type Notifications = ReturnType<typeof createNotifications>
