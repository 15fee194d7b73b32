-- CreateEnum
CREATE TYPE "file_state" AS ENUM ('uploading', 'stored', 'deleting');

-- CreateTable
CREATE TABLE "files" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "project_id" UUID,
    "purpose" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "sha256" TEXT,
    "state" "file_state" NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "files_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "storage_usage" (
    "user_id" UUID NOT NULL,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "files" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "storage_usage_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "files_project_id_idx" ON "files"("project_id");

-- AddForeignKey
ALTER TABLE "files" ADD CONSTRAINT "files_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "files" ADD CONSTRAINT "files_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "storage_usage" ADD CONSTRAINT "storage_usage_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here on: what Prisma's schema language cannot say. `prisma migrate diff` does not look at any of it.

-- Lists, newest first.
CREATE INDEX "files_owner_idx" ON "files"("owner_id", "created_at" DESC, "id" DESC) WHERE "state" = 'stored' AND "project_id" IS NULL;
CREATE INDEX "files_project_idx" ON "files"("project_id", "created_at" DESC, "id" DESC) WHERE "state" = 'stored';
-- What the collector looks for; stored files do not grow it.
CREATE INDEX "files_due_idx" ON "files"("due_at") WHERE "state" <> 'stored';

ALTER TABLE "files" ADD CONSTRAINT "files_bytes_check" CHECK ("bytes" >= 0);
ALTER TABLE "files" ADD CONSTRAINT "files_stored_check" CHECK (("state" <> 'stored' OR "sha256" IS NOT NULL) AND (("state" = 'stored') = ("due_at" IS NULL)));
ALTER TABLE "storage_usage" ADD CONSTRAINT "storage_usage_check" CHECK ("bytes" >= 0 AND "files" >= 0);

-- What is being deleted does not count any more; everything else does, whoever writes.
CREATE FUNCTION "count_stored_files"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state <> 'deleting' AND NEW.state <> 'deleting' AND OLD.owner_id = NEW.owner_id THEN
    UPDATE storage_usage SET bytes = bytes - OLD.bytes + NEW.bytes WHERE user_id = NEW.owner_id;
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' AND OLD.state <> 'deleting' THEN
    UPDATE storage_usage SET bytes = bytes - OLD.bytes, files = files - 1 WHERE user_id = OLD.owner_id;
    DELETE FROM storage_usage WHERE user_id = OLD.owner_id AND files = 0;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state <> 'deleting' THEN
    INSERT INTO storage_usage AS u (user_id, bytes, files) VALUES (NEW.owner_id, NEW.bytes, 1)
    ON CONFLICT (user_id) DO UPDATE SET bytes = u.bytes + NEW.bytes, files = u.files + 1;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "files_counted" AFTER INSERT OR DELETE OR UPDATE OF "state", "bytes", "owner_id" ON "files"
  FOR EACH ROW EXECUTE FUNCTION "count_stored_files"();

-- The schema's documentation, where Studio and psql show it.
COMMENT ON TABLE "files" IS 'A file that somebody keeps. Its row is there before its bytes and until after them: no bytes are without a row.';
COMMENT ON COLUMN "files"."owner_id" IS 'Whose quota it counts against.';
COMMENT ON COLUMN "files"."project_id" IS 'Members of the project may read it; null when it is the owner''s alone.';
COMMENT ON COLUMN "files"."purpose" IS 'What made it: "upload", "report".';
COMMENT ON COLUMN "files"."name" IS 'As the user calls it; never part of a path.';
COMMENT ON COLUMN "files"."type" IS 'Told by the content.';
COMMENT ON COLUMN "files"."bytes" IS 'While uploading: the room that is held for it.';
COMMENT ON COLUMN "files"."due_at" IS 'While uploading: when it counts as abandoned. While deleting: when its bytes are tried again.';
COMMENT ON TABLE "storage_usage" IS 'What each user keeps in all; a trigger on "files" counts. Its row lock makes quotas exact.';
