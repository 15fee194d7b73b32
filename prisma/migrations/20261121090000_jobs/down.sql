-- Undoes migration.sql: what people saw of jobs is gone afterwards. So is the queue, whose jobs would have no row.
DROP TABLE "jobs";
DROP TYPE "job_state";
DROP SCHEMA IF EXISTS "pgboss" CASCADE;
