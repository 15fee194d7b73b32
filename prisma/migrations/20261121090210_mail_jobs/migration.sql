-- DropIndex
DROP INDEX "mail_messages_waiting_idx";

-- AlterTable
ALTER TABLE "mail_messages" DROP COLUMN "next_attempt_at",
ADD COLUMN     "sending" INTEGER;

-- CreateIndex
CREATE INDEX "mail_messages_created_at_idx" ON "mail_messages"("created_at");

-- By hand from here on: what Prisma's schema language cannot say.

-- Mails that an earlier version left unsent have no job that would send them.
UPDATE "mail_messages" SET "failed_at" = CURRENT_TIMESTAMP, "last_error" = 'Not sent before the update of the server; ask for it again.'
WHERE "sent_at" IS NULL AND "failed_at" IS NULL;

COMMENT ON TABLE "mail_messages" IS 'A mail, written with the change that caused it; the job "mail.send" sends it. Links are made at sending time, so no row holds a secret.';
COMMENT ON COLUMN "mail_messages"."sending" IS 'The attempt that is under way.';
