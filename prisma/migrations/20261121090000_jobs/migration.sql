-- CreateEnum
CREATE TYPE "job_state" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead');

-- CreateTable
CREATE TABLE "jobs" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "owner_id" UUID,
    "state" "job_state" NOT NULL DEFAULT 'queued',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "progress_current" INTEGER,
    "progress_total" INTEGER,
    "result" JSONB,
    "error" TEXT,
    "trace_id" TEXT NOT NULL,
    "singleton_key" TEXT,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "jobs_owner_id_id_idx" ON "jobs"("owner_id", "id");

-- By hand: partial indexes, which Prisma's schema language does not have.
CREATE UNIQUE INDEX "jobs_singleton_key" ON "jobs"("name", "singleton_key") WHERE "singleton_key" IS NOT NULL;
-- For retention.
CREATE INDEX "jobs_finished_at_idx" ON "jobs"("finished_at") WHERE "finished_at" IS NOT NULL;
-- For the look at jobs that a worker left behind.
CREATE INDEX "jobs_running_idx" ON "jobs"("id") WHERE "state" = 'running';
-- For the list of what needs a person.
CREATE INDEX "jobs_dead_idx" ON "jobs"("id") WHERE "state" IN ('failed', 'dead');

COMMENT ON TABLE "jobs" IS 'What people see of a background job. The queue itself is pg-boss, in the schema "pgboss", under the same ids.';
