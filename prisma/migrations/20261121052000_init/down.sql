-- Undoes migration.sql: every table with its rows is gone afterwards.
DROP TABLE "mail_messages";
DROP TABLE "idempotency_keys";
DROP TABLE "events";
DROP TABLE "event_streams";
DROP TABLE "audit_events";
DROP TABLE "tasks";
DROP TABLE "project_members";
DROP TABLE "projects";
DROP TABLE "account_tokens";
DROP TABLE "api_keys";
DROP TABLE "sessions";
DROP TABLE "users";
DROP FUNCTION "refuse_audit_change"();
DROP TYPE "task_status";
DROP TYPE "project_role";
DROP TYPE "account_token_purpose";
DROP TYPE "user_role";
