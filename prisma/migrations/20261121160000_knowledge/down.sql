-- Undoes migration.sql: everything of knowledge is gone afterwards.
DROP TABLE "vector_removals", "chunks", "document_versions", "documents", "embedding_spaces", "knowledge_bases";
DROP FUNCTION "forget_document_version"();
DROP FUNCTION "set_chunk_search"();
DROP FUNCTION "searchable_words"(text);
DROP TYPE "document_state";
