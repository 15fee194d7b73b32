-- Undoes migration.sql: mails that were not sent are not sent any more.
UPDATE "mail_messages" SET "failed_at" = CURRENT_TIMESTAMP WHERE "sent_at" IS NULL AND "failed_at" IS NULL;
DROP INDEX "mail_messages_created_at_idx";
ALTER TABLE "mail_messages" DROP COLUMN "sending",
ADD COLUMN     "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
CREATE INDEX "mail_messages_waiting_idx" ON "mail_messages"("next_attempt_at") WHERE "sent_at" IS NULL AND "failed_at" IS NULL;
COMMENT ON TABLE "mail_messages" IS 'Mail to be sent, written with the change that caused it. Links are made at sending time, so no row holds a secret.';
