-- CreateEnum
CREATE TYPE "document_state" AS ENUM ('processing', 'ready', 'failed');

-- CreateTable
CREATE TABLE "knowledge_bases" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "owner_id" UUID NOT NULL,
    "project_id" UUID,
    "space_id" UUID,
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "knowledge_bases_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "embedding_spaces" (
    "id" UUID NOT NULL,
    "knowledge_base_id" UUID,
    "model_id" TEXT NOT NULL,
    "dimension" INTEGER NOT NULL,
    "store" TEXT NOT NULL,
    "job_id" UUID,
    "retired_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "embedding_spaces_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "documents" (
    "id" UUID NOT NULL,
    "knowledge_base_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_by_id" UUID,
    "current_version_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "documents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "document_versions" (
    "id" UUID NOT NULL,
    "document_id" UUID NOT NULL,
    "knowledge_base_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "file_id" UUID,
    "job_id" UUID NOT NULL,
    "state" "document_state" NOT NULL,
    "error" TEXT,
    "title" TEXT,
    "type" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "pages" INTEGER,
    "characters" INTEGER,
    "chunk_count" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ready_at" TIMESTAMPTZ(3),

    CONSTRAINT "document_versions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chunks" (
    "id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "document_id" UUID NOT NULL,
    "knowledge_base_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "headings" TEXT[],
    "page" INTEGER,
    "span_start" INTEGER NOT NULL,
    "span_end" INTEGER NOT NULL,
    "search" tsvector,

    CONSTRAINT "chunks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vector_removals" (
    "version_id" UUID NOT NULL,
    "knowledge_base_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "chunk_count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vector_removals_pkey" PRIMARY KEY ("version_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "knowledge_bases_space_id_key" ON "knowledge_bases"("space_id");

-- CreateIndex
CREATE INDEX "knowledge_bases_owner_id_created_at_id_idx" ON "knowledge_bases"("owner_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "knowledge_bases_project_id_idx" ON "knowledge_bases"("project_id");

-- CreateIndex
CREATE INDEX "embedding_spaces_knowledge_base_id_idx" ON "embedding_spaces"("knowledge_base_id");

-- CreateIndex
CREATE UNIQUE INDEX "documents_current_version_id_key" ON "documents"("current_version_id");

-- CreateIndex
CREATE INDEX "documents_knowledge_base_id_created_at_id_idx" ON "documents"("knowledge_base_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "documents_created_by_id_idx" ON "documents"("created_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "documents_knowledge_base_id_name_key" ON "documents"("knowledge_base_id", "name");

-- CreateIndex
CREATE INDEX "document_versions_file_id_idx" ON "document_versions"("file_id");

-- CreateIndex
CREATE UNIQUE INDEX "document_versions_document_id_number_key" ON "document_versions"("document_id", "number");

-- CreateIndex
CREATE INDEX "chunks_document_id_idx" ON "chunks"("document_id");

-- CreateIndex
CREATE INDEX "chunks_knowledge_base_id_idx" ON "chunks"("knowledge_base_id");

-- CreateIndex
CREATE UNIQUE INDEX "chunks_version_id_position_key" ON "chunks"("version_id", "position");

-- AddForeignKey
ALTER TABLE "knowledge_bases" ADD CONSTRAINT "knowledge_bases_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "knowledge_bases" ADD CONSTRAINT "knowledge_bases_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "knowledge_bases" ADD CONSTRAINT "knowledge_bases_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "embedding_spaces"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "embedding_spaces" ADD CONSTRAINT "embedding_spaces_knowledge_base_id_fkey" FOREIGN KEY ("knowledge_base_id") REFERENCES "knowledge_bases"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "documents" ADD CONSTRAINT "documents_knowledge_base_id_fkey" FOREIGN KEY ("knowledge_base_id") REFERENCES "knowledge_bases"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "documents" ADD CONSTRAINT "documents_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "documents" ADD CONSTRAINT "documents_current_version_id_fkey" FOREIGN KEY ("current_version_id") REFERENCES "document_versions"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "document_versions" ADD CONSTRAINT "document_versions_document_id_fkey" FOREIGN KEY ("document_id") REFERENCES "documents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "document_versions" ADD CONSTRAINT "document_versions_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "files"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "chunks" ADD CONSTRAINT "chunks_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "document_versions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here on.

-- What is looked for again and again by those who clean up; little of it is there at a time.
CREATE INDEX "knowledge_bases_deleted_idx" ON "knowledge_bases"("deleted_at") WHERE "deleted_at" IS NOT NULL;
CREATE INDEX "embedding_spaces_retired_idx" ON "embedding_spaces"("retired_at") WHERE "retired_at" IS NOT NULL;
CREATE INDEX "document_versions_processing_idx" ON "document_versions"("job_id") WHERE "state" = 'processing';

ALTER TABLE "document_versions" ADD CONSTRAINT "document_versions_check" CHECK ("number" >= 1 AND "chunk_count" >= 0 AND (("state" = 'ready') = ("ready_at" IS NOT NULL)));
ALTER TABLE "chunks" ADD CONSTRAINT "chunks_check" CHECK ("position" >= 0 AND "span_start" >= 0 AND "span_end" > "span_start");

-- Vectors may be elsewhere and files are: whatever takes a version away, what is left of it is written down.
CREATE FUNCTION "forget_document_version"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.chunk_count > 0 THEN
    INSERT INTO vector_removals (version_id, knowledge_base_id, job_id, chunk_count)
    VALUES (OLD.id, OLD.knowledge_base_id, OLD.job_id, OLD.chunk_count) ON CONFLICT DO NOTHING;
  END IF;
  UPDATE files SET state = 'deleting', due_at = now() WHERE id = OLD.file_id AND state = 'stored';
  RETURN NULL;
END
$$;
CREATE TRIGGER "document_versions_forgotten" AFTER DELETE ON "document_versions"
  FOR EACH ROW EXECUTE FUNCTION "forget_document_version"();

-- Full text search. Names such as "src/app.config.ts" or "x_y" count as their parts, so that each of them is found.
CREATE FUNCTION "searchable_words"(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT to_tsvector('pg_catalog.english', translate($1, '-_./\@:#', '        ')) $$;

-- The base is a word like any other: the index then looks into no other base. No word of a text has a colon.
CREATE FUNCTION "set_chunk_search"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A heading that the text itself begins with would count twice.
  NEW.search := searchable_words(concat_ws(E'\n', (
      SELECT string_agg(heading, E'\n') FROM unnest(NEW.headings) AS heading
      WHERE strpos(left(NEW.text, 1000), heading) = 0
    ), NEW.text))
    || array_to_tsvector(ARRAY['kb:' || NEW.knowledge_base_id]);
  RETURN NEW;
END
$$;
CREATE TRIGGER "chunks_search" BEFORE INSERT OR UPDATE OF "headings", "text", "knowledge_base_id" ON "chunks"
  FOR EACH ROW EXECUTE FUNCTION "set_chunk_search"();
-- In the row and not compressed where it fits: ranking reads it for every candidate.
ALTER TABLE "chunks" ALTER COLUMN "search" SET STORAGE MAIN;
CREATE INDEX "chunks_search_idx" ON "chunks" USING gin ("search") WHERE "search" IS NOT NULL;

-- The schema's documentation, where Studio and psql show it.

COMMENT ON TABLE "knowledge_bases" IS 'Documents that are searched together. A project''s belongs to its members; without a project it is the owner''s alone.';
COMMENT ON COLUMN "knowledge_bases"."space_id" IS 'The embedding space that is searched; null until the first document is in.';
COMMENT ON COLUMN "knowledge_bases"."deleted_at" IS 'From then on it is there for nobody; its contents go, then the row.';
COMMENT ON TABLE "embedding_spaces" IS 'Vectors of one knowledge base that can be compared with each other: one provider, model and dimension. A new one is built beside the old and takes its place in one statement. The vectors are in the vector store, under this id.';
COMMENT ON COLUMN "embedding_spaces"."model_id" IS 'A model of the catalogue, "<provider>:<name>".';
COMMENT ON COLUMN "embedding_spaces"."store" IS '"pgvector", "exact", "chroma", "qdrant".';
COMMENT ON COLUMN "embedding_spaces"."job_id" IS 'The job that builds it beside the one that is searched; null when it was there from the beginning.';
COMMENT ON COLUMN "embedding_spaces"."retired_at" IS 'Set when it was replaced or its knowledge base deleted: its vectors go, then the row.';
COMMENT ON TABLE "documents" IS 'A document as people see it. What is searched is its current version.';
COMMENT ON COLUMN "documents"."name" IS 'The file''s name as uploaded; the same name again is a new version.';
COMMENT ON COLUMN "documents"."current_version_id" IS 'Null until a version is ready.';
COMMENT ON TABLE "document_versions" IS 'One upload of a document. Its chunks are found once it is the current one, all at once.';
COMMENT ON COLUMN "document_versions"."number" IS 'Counts from 1.';
COMMENT ON COLUMN "document_versions"."file_id" IS 'Null when the file was deleted.';
COMMENT ON COLUMN "document_versions"."job_id" IS 'The job that takes it in; its row may be gone before this one.';
COMMENT ON COLUMN "document_versions"."error" IS 'Why it failed, in words for people.';
COMMENT ON COLUMN "document_versions"."chunk_count" IS 'How many chunks it has, or is to have: noted before the first of their vectors is written.';
COMMENT ON TABLE "vector_removals" IS 'Vectors of a version that is gone, which the vector store has to forget. A trigger writes them, whoever deletes.';
COMMENT ON COLUMN "vector_removals"."job_id" IS 'Whose work it was: as long as it runs it may write more of them.';
COMMENT ON TABLE "chunks" IS 'A passage of a document: what is found and cited.';
COMMENT ON COLUMN "chunks"."position" IS 'Counts from 0 within the version.';
COMMENT ON COLUMN "chunks"."headings" IS 'The headings it stands under, outermost first.';
COMMENT ON COLUMN "chunks"."page" IS 'Counts from 1; null where there are no pages.';
COMMENT ON COLUMN "chunks"."search" IS 'The words of its headings and its text, and its knowledge base as "kb:<id>". A trigger writes it.';
COMMENT ON COLUMN "chunks"."span_start" IS 'Where it is in the extracted text, in UTF-16 units; the end is exclusive.';
