-- Undoes migration.sql: reports, and when tasks were completed, are gone afterwards; files of reports stay.
DROP TABLE "reports";
DROP TRIGGER "tasks_completed_at" ON "tasks";
DROP FUNCTION "note_task_completion"();
ALTER TABLE "tasks" DROP COLUMN "completed_at";
