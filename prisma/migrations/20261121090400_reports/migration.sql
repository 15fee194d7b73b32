-- AlterTable
ALTER TABLE "tasks" ADD COLUMN "completed_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "reports" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "created_by_id" UUID,
    "job_id" UUID NOT NULL,
    "figures" JSONB,
    "csv_file_id" UUID,
    "json_file_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "reports_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "reports_project_id_created_at_id_idx" ON "reports"("project_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "reports_created_by_id_idx" ON "reports"("created_by_id");

-- CreateIndex
CREATE INDEX "reports_csv_file_id_idx" ON "reports"("csv_file_id");

-- CreateIndex
CREATE INDEX "reports_json_file_id_idx" ON "reports"("json_file_id");

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_csv_file_id_fkey" FOREIGN KEY ("csv_file_id") REFERENCES "files"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_json_file_id_fkey" FOREIGN KEY ("json_file_id") REFERENCES "files"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand from here on.

-- Nobody has two reports of one project under way.
CREATE UNIQUE INDEX "reports_under_way_key" ON "reports"("project_id", "created_by_id") WHERE "finished_at" IS NULL;

-- When a task was last completed. The best that is known of those that are done already.
UPDATE "tasks" SET "completed_at" = "updated_at" WHERE "status" = 'done';

-- Whoever writes a status need not think of it.
CREATE FUNCTION "note_task_completion"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."status" <> 'done' THEN
    NEW."completed_at" := NULL;
  ELSIF TG_OP = 'INSERT' OR OLD."status" <> 'done' THEN
    NEW."completed_at" := coalesce(NEW."completed_at", NEW."updated_at");
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER "tasks_completed_at" BEFORE INSERT OR UPDATE OF "status" ON "tasks"
  FOR EACH ROW EXECUTE FUNCTION "note_task_completion"();

-- The schema's documentation, where Studio and psql show it.
COMMENT ON COLUMN "tasks"."completed_at" IS 'When it was last completed; null unless it is done. A trigger keeps it.';
COMMENT ON TABLE "reports" IS 'A project''s figures at one moment. Its job makes figures and files and notes them here, all at once.';
COMMENT ON COLUMN "reports"."job_id" IS 'The job that makes it; its row may be gone before this one.';
COMMENT ON COLUMN "reports"."figures" IS 'Null until it is finished.';
