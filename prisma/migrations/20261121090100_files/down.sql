-- Undoes migration.sql: the rows are gone afterwards, the bytes stay where they are.
DROP TABLE "files";
DROP TABLE "storage_usage";
DROP FUNCTION "count_stored_files"();
DROP TYPE "file_state";
