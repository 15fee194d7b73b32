-- Undoes migration.sql: all notifications are gone afterwards.
DROP INDEX "audit_events_created_at_id_idx";
DROP TABLE "notifications";
